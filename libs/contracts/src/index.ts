export { answerText } from './answer-text.js';
export {
  ceHeadersOfCheckpoint,
  presentCheckpoint,
  sealedEventText,
  type PresentedCheckpoint,
  type SealedEvent,
  type SignedCheckpoint,
} from './audit.js';
export { asyncApiDocument } from './asyncapi.js';
export { readListedCommand, type ListedCommand } from './bare-command.js';
export { BadInput, badInput, type FieldError } from './bad-input.js';
export { ajvKeywords } from './check.js';
export {
  commandIdPattern,
  isCommandId,
  keyPattern,
  linePattern,
  MAX_COMMAND_ID,
  MAX_KEY,
  MAX_METADATA_BYTES,
} from './checks.js';
export type { CommandMessage } from './cloud-command.js';
export {
  ceHeadersOf,
  ceHeadersOfCurrent,
  ceHeadersOfOutcome,
  keyOfStream,
  type LoggedEvent,
  type LoggedOutcome,
} from './cloud-events.js';
export { compileBodies, parseHttpCommand, type Addressed, type HttpCommand } from './command.js';
export { componentSchemas, pageOf } from './components.js';
export { deploymentText, peopleInTexts } from './deployment-text.js';
export { presentDifference, type Difference, type PresentedDifference, type PresentedTenure } from './difference.js';
export { httpBodies, type Dto } from './dto/bodies.dto.js';
export { scopes, type Scope, type TokenKind } from './dto/tokens.dto.js';
export { type Pieces } from './byte-writer.js';
export { EventLines, piecesOfLines, type EventBytes } from './event-lines.js';
export { eventText } from './event-text.js';
export { answerExamples } from './examples/answers.js';
export { commandExamples, commandRoutes, isCommandOperation, type CommandExample } from './examples/command-routes.js';
export { problemExample } from './examples/problems.js';
export type { Step } from './examples/story.js';
export { explain, toldOf, type Evidence, type Explanation } from './explain/explain.js';
export { fingerprintOf } from './fingerprint.js';
export { MAX_BYTES, readJson } from './json.js';
export { readJsonList, type ListItem } from './json-list.js';
export { parseKafkaCommand, type KafkaCommand } from './kafka-command.js';
export { openApiDocument } from './openapi.js';
export { peopleIn, type People } from './people.js';
export { problemOf, problems, type Problem, type ProblemCode } from './problem.js';
export {
  presentDora,
  presentProjectDora,
  presentTargetOfVersion,
  type PresentedDora,
  type PresentedProjectDora,
  type PresentedTargetOfVersion,
} from './reports.js';
export type { JsonSchema } from './rules.js';
export { schemaOf } from './schema.js';
export { refTo } from './shapes.js';
export { parseNewToken, presentToken, type NewToken, type PresentedToken, type TokenRecord } from './token.js';
export { isTraceparent } from './traceparent.js';
export {
  presentAnswer,
  presentDeployment,
  presentEvent,
  presentOutcome,
  presentProject,
  presentTarget,
  type CommandOutcome,
  type PresentedAnswer,
  type PresentedDeployment,
  type PresentedEvent,
  type PresentedOutcome,
  type PresentedProject,
  type PresentedTarget,
} from './wire.js';
