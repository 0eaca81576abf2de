export {
  checkBacklog,
  checkKnocks,
  checkPeers,
  checkReach,
  type Backlog,
  type Heard,
  type Knock,
  type Meeting,
} from './access.js';
export { checkSealing, checkVerdicts, type Sealing, type Verified } from './audit.js';
export {
  checkAccounting,
  checkAnswers,
  checkDecidedInOrder,
  checkInbound,
  checkOffsets,
  type Inbound,
} from './commands.js';
export type {
  Answered,
  CheckpointSample,
  CommandRecord,
  DeadLetter,
  Dump,
  Logged,
  OffsetSample,
  Operation,
  Span,
  TopicRecord,
  Violation,
} from './evidence.js';
export {
  checkConnections,
  checkExits,
  checkMemory,
  checkRefusals,
  checkReplies,
  checkStarts,
  checkStops,
  type Connections,
  type Exit,
  type FailedStart,
  type Reply,
  type Stop,
  type Weight,
} from './processes.js';
export {
  checkCheckpoints,
  checkComplete,
  checkCurrentTopic,
  checkDedupable,
  checkDuplicates,
  checkNoGap,
  checkPublishable,
  checkRepeats,
  checkTopic,
  eventsToPublish,
  outcomesToPublish,
  publishedBy,
  type ToPublish,
} from './publication.js';
export { standingOf, type Standing } from './standing.js';
export {
  checkAtomic,
  checkImmutable,
  checkLegal,
  checkOrder,
  checkStore,
  checkSupersession,
  checkTail,
  commandKey,
  digestOf,
  type Digest,
} from './store.js';
export { checkDeadlines, checkLateness, checkOverdue, latenessOf, type Late, type Overdue } from './timers.js';
export { checkDumps, checkReads, checkWhole, type Look, type Read } from './views.js';
