import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { ValidationTypes } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import type { Dto } from './dto/bodies.dto.js';
import { ruleNames, unlessNull, type JsonSchema } from './rules.js';

type Members = Readonly<Record<string, JsonSchema>>;
type Annotation = Readonly<{ target: Function | string; propertyName: string; constraints: unknown[] }>;

const compiled = new Map<Dto, JsonSchema>();

/** The decorators of a class as one JSON Schema without references: unknown members refused, null only where allowed. */
export const schemaOf = (Dto: Dto): JsonSchema => {
  const known = compiled.get(Dto);
  if (known) return known;
  const { properties = {}, required } = targetConstructorToSchema(Dto, {
    classTransformerMetadataStorage: defaultMetadataStorage,
    additionalConverters: { ...ownRules(), ...structure },
  }) as unknown as { properties?: Members; required?: readonly string[] };
  const schema = {
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, finish(member)])),
    ...(required ? { required } : {}),
    additionalProperties: false,
  };
  compiled.set(Dto, schema);
  return schema;
};

/** Each rule of our own brought its schema as its constraint. */
const ownRules = () =>
  Object.fromEntries([...ruleNames].map((name) => [name, (rule: Annotation) => rule.constraints[0] as JsonSchema]));

const NULLABLE = 'x-nullable';

const structure = {
  [ValidationTypes.CONDITIONAL_VALIDATION]: ({ constraints }: Annotation) =>
    constraints[0] === unlessNull ? { [NULLABLE]: true } : {},
  [ValidationTypes.NESTED_VALIDATION]: ({ target, propertyName }: Annotation) => {
    const type = defaultMetadataStorage.findTypeMetadata(target as Function, propertyName);
    return schemaOf(type.typeFunction() as Dto);
  },
};

const finish = ({ [NULLABLE]: nullable, description, ...schema }: JsonSchema): JsonSchema => ({
  ...(description === undefined ? {} : { description }),
  ...(nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema),
});
