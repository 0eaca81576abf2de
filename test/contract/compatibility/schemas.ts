/** JSON Schemas as plain data: what is said of them here holds for OpenAPI 3.1 and AsyncAPI alike. */
export type Schema = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a reference stands for within its document; anything else is itself. */
export const resolve = (schema: Schema, document: object): Schema => {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  const found = $ref
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, part) => (at as Schema | undefined)?.[part], document);
  if (!isObject(found)) throw new Error(`${$ref} leads nowhere`);
  return resolve(found, document);
};

const isNull = (schema: Schema): boolean => schema['type'] === 'null';
const among = (schema: Schema): readonly Schema[] => [
  ...((schema['anyOf'] ?? []) as Schema[]),
  ...((schema['oneOf'] ?? []) as Schema[]),
];

/** The alternatives of a schema, but for null: that is a question of types. */
export const alternativesOf = (schema: Schema): readonly Schema[] => among(schema).filter((each) => !isNull(each));

/** What a schema says besides that it may be null, which its types say. */
export const coreOf = (schema: Schema, document: object): Schema => {
  const resolved = resolve(schema, document);
  const [only, ...others] = alternativesOf(resolved);
  return only && others.length === 0 && among(resolved).length === 2 ? coreOf(only, document) : resolved;
};

/** Its values where it has only some. */
export const enumOf = (schema: Schema): readonly unknown[] | undefined =>
  schema['const'] === undefined ? (schema['enum'] as readonly unknown[] | undefined) : [schema['const']];

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

/** The types that a value of this schema may have; none where any will do. */
export const typesOf = (given: Schema, document: object): Set<string> => {
  const schema = resolve(given, document);
  if (schema['type'] !== undefined) return new Set([schema['type']].flat() as string[]);
  const values = enumOf(schema);
  if (values) return new Set(values.map(typeOf));
  const types = among(schema).map((each) => typesOf(each, document));
  if (types.some(({ size }) => size === 0)) return new Set();
  return new Set(types.flatMap((each) => [...each]));
};
