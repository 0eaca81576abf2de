export { BadInput, badInput, type FieldError } from './bad-input.js';
export { canonicalJson, fingerprintOf } from './canonical.js';
export { ajvOptions, check, compile, explain, installKeywords } from './check.js';
export { isCommandId } from './checks.js';
export type { CommandMessage } from './cloud-command.js';
export {
  ceHeadersOf,
  ceHeadersOfCurrent,
  ceHeadersOfOutcome,
  ceTypeOf,
  eventIdOf,
  keyOfStream,
  type LoggedEvent,
  type LoggedOutcome,
} from './cloud-events.js';
export { parseHttpCommand, toCommand, type Addressed, type HttpCommand } from './command.js';
export { commandData, httpBodies, recordData, type Dto } from './dto/bodies.dto.js';
export {
  AtQuery,
  CurrentQuery,
  EventsQuery,
  HistoryQuery,
  PageQuery,
  TargetHistoryQuery,
  ViewQuery,
} from './dto/queries.dto.js';
export { CommandRecord } from './dto/record.dto.js';
export { MAX_BYTES, MAX_DEPTH, readJson } from './json.js';
export { parseKafkaCommand, type KafkaCommand } from './kafka-command.js';
export { problemOf, problems, type Problem, type ProblemCode } from './problem.js';
export { readNumber, readQuery } from './query.js';
export type { JsonSchema } from './rules.js';
export { schemaOf } from './schema.js';
export {
  peopleIn,
  presentAnswer,
  presentDeployment,
  presentEvent,
  presentOutcome,
  presentProject,
  presentTarget,
  type CommandOutcome,
  type People,
  type PresentedAnswer,
  type PresentedDeployment,
  type PresentedEvent,
  type PresentedOutcome,
  type PresentedProject,
  type PresentedTarget,
} from './wire.js';
