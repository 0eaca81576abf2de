export {
  approve,
  cancel,
  change,
  changeDeployment,
  ci,
  command,
  create,
  deleteDeployment,
  due,
  expecting,
  fail,
  finish,
  person,
  PROJECT,
  ref,
  refs,
  reject,
  remove,
  retire,
  rollback,
  schedule,
  sentAt,
  sentBy,
  start,
  TARGET,
  timekeeper,
  timeOut,
} from './commands.js';
export { deploymentOf, given, type Expected } from './given.js';
export { assertInvariants, type AnyEvent } from './invariants.js';
export { Oracle } from './oracle.js';
export { inFlight, lineOf, pairOf, textOf, waiting, type Dep } from './oracle-words.js';
export type { Sending, Sent, Stream } from './sending.js';
export { BEGINNING, emptyStream, fold, send } from './stream.js';
