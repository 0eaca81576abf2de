import { publicCommandTypes, rejections, type PublicCommandType } from '#domain';
import { auditSchemas } from './audit-shapes.js';
import { httpBodies, recordData, type Dto } from './dto/bodies.dto.js';
import { CommandRecord } from './dto/record.dto.js';
import { CreateToken, scopes, tokenKinds } from './dto/tokens.dto.js';
import { eventDataSchemas } from './event-schemas.js';
import { problems } from './problem.js';
import { reportSchemas } from './report-shapes.js';
import type { JsonSchema } from './rules.js';
import { schemaOf } from './schema.js';
import {
  actor,
  content,
  count,
  countOrNone,
  listOf,
  oneOf,
  orNull,
  refTo,
  shape,
  status,
  target,
  text,
} from './shapes.js';
import { time, violationList } from './shapes.js';

const deployment = shape({
  id: count,
  project: text,
  target: text,
  number: count,
  status,
  ...content,
  createdAt: time,
  startedAt: orNull(time),
  finishedAt: orNull(time),
  endedAt: orNull(time),
  supersededBy: orNull(count),
  rollbackOf: orNull(count),
  violations: violationList,
  failureReason: orNull(text),
  actor: refTo('Actor'),
});

const deploymentOrNull = orNull(refTo('Deployment'));

const outcomeMembers = {
  commandId: text,
  outcome: oneOf(['accepted', 'rejected']),
  position: countOrNone,
  version: countOrNone,
  events: listOf(shape({ type: oneOf(Object.keys(eventDataSchemas)), version: count, position: count })),
};
const whyRejected = { code: oneOf(Object.keys(rejections)), detail: text, from: status };

const event = {
  ...shape({
    position: count,
    id: { ...text, description: 'Unique: the `ce_id` of the event in Kafka.' },
    type: oneOf(Object.keys(eventDataSchemas)),
    project: text,
    target: text,
    version: { ...count, description: "Its place in the target's stream." },
    number: orNull(count),
    occurredAt: time,
    recordedAt: time,
    actor: refTo('Actor'),
    commandId: text,
    data: { type: 'object' },
  }),
  // Which data an event has follows from its type.
  oneOf: Object.keys(eventDataSchemas).map((type) => ({ properties: { type: { const: type }, data: refTo(type) } })),
};

const problem = shape(
  {
    type: text,
    title: text,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: text,
    code: oneOf(Object.keys(problems)),
  },
  { commandId: text, from: status, retryAfter: count, errors: listOf(shape({ field: text, message: text })) },
);

const token = {
  id: text,
  name: text,
  kind: oneOf(tokenKinds),
  scopes: listOf(oneOf(scopes)),
  projects: listOf(text),
  createdAt: time,
  createdBy: refTo('Actor'),
  expiresAt: orNull(time),
  lastUsedAt: orNull(time),
};

const followed = {
  name: text,
  position: countOrNone,
  lag: { ...countOrNone, description: 'How many positions it is behind.' },
  lagSeconds: { type: 'number', minimum: 0, description: 'How long the oldest of them has waited.' },
};
const serviceStatus = shape({
  position: { ...countOrNone, description: 'Where the log ends.' },
  roles: listOf(text),
  projections: listOf(shape({ ...followed, version: count, state: text }, { error: text })),
  relays: listOf(shape({ ...followed, topic: text })),
  sealer: shape(
    { position: followed.position, lag: followed.lag, lagSeconds: followed.lagSeconds },
    { signedAt: { ...orNull(time), description: 'When the newest checkpoint was signed.' } },
  ),
  commands: shape({ queued: countOrNone, unanswered: countOrNone }),
  loops: { type: 'object', description: 'What the loops of this process say of themselves, for people to read.' },
});

const tenure = shape({
  id: count,
  number: count,
  version: content['version']!,
  commitRefs: content['commitRefs']!,
  actor: refTo('Actor'),
  since: time,
  until: { ...orNull(time), description: 'Null while it is current.' },
  seconds: { type: 'number', minimum: 0, description: 'From `since` to `until`, or up to now.' },
});

const targetDifference = shape({
  project: text,
  target: text,
  before: { ...orNull(tenure), description: 'What was current at `from`.' },
  after: { ...orNull(tenure), description: 'What was current at `to`.' },
  actor: {
    ...refTo('Actor'),
    description: 'Who created what came; where nothing did, or it was only changed, who sent that.',
  },
  changes: { ...count, description: 'How often what is current changed behind `from` and up to `to`.' },
});

/** What the service answers, by the names that openapi.json gives it. */
export const answerSchemas: Readonly<Record<string, JsonSchema>> = {
  Actor: actor,
  Deployment: deployment,
  Target: shape({ ...target, current: deploymentOrNull, inFlight: deploymentOrNull, next: deploymentOrNull }),
  Project: shape({ key: text, targets: countOrNone }),
  TargetDifference: targetDifference,
  Event: event,
  Outcome: shape(outcomeMembers, whyRejected),
  Answer: shape({ ...outcomeMembers, target: orNull(refTo('Target')), deployment: deploymentOrNull }),
  Token: shape(token),
  CreatedToken: shape({ ...token, token: text }),
  Problem: problem,
  Status: serviceStatus,
  Health: shape({ status: oneOf(['live', 'ready', 'degraded', 'unready']) }, { reasons: listOf(text) }),
  ...reportSchemas,
  ...auditSchemas,
};

/** A page of what the schema `name` describes. */
export const pageOf = (name: string): JsonSchema => shape({ items: listOf(refTo(name)), nextCursor: orNull(text) });

const schemasOf = (classes: Readonly<Record<string, Dto>>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(classes).map(([name, Dto]) => [name, schemaOf(Dto)]));

/** All named schemas of the contract, for `components.schemas`: bodies by their command's type, answers, events' data. */
export const componentSchemas = (): Record<string, JsonSchema> => ({
  ...schemasOf(httpBodies),
  ...schemasOf({ CreateToken }),
  ...listedCommands(),
  ...answerSchemas,
  ...eventDataSchemas,
});

/** A command among several in one request: as on the commands topic, but each with its id. */
const listedCommands = (): Record<string, JsonSchema> => {
  const named = Object.entries(recordSchemas()).map(([type, { required, ...schema }]): [string, JsonSchema] => [
    `${type}Command`,
    { ...schema, required: ['commandId', ...(required as readonly string[])] },
  ]);
  return { Command: { oneOf: named.map(([name]) => refTo(name)) }, ...Object.fromEntries(named) };
};

/** The bare JSON of each command on the commands topic. */
export const recordSchemas = (): Record<PublicCommandType, JsonSchema> => {
  const { properties, ...envelope } = schemaOf(CommandRecord) as { properties: Record<string, JsonSchema> };
  const recordOf = (type: PublicCommandType): JsonSchema => ({
    ...envelope,
    properties: { ...properties, type: { const: type }, data: schemaOf(recordData[type]) },
  });
  return Object.fromEntries(publicCommandTypes.map((type) => [type, recordOf(type)])) as Record<
    PublicCommandType,
    JsonSchema
  >;
};
