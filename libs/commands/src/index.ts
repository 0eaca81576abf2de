export { Actors, type Person, type Referred } from './actors.js';
export { readOutcome } from './answers.js';
export { CommandQueue, type CommandQueueOptions } from './command-queue.js';
export { commandsMigrations } from './migrations.js';
export { SendToTarget, TargetCommandHandler } from './target-command.handler.js';
export {
  CommandIdReused,
  TargetFull,
  Unavailable,
  type Answer,
  type EventMetadata,
  type Observer,
  type Outcome,
  type Store,
  type Submission,
  type SubmitOptions,
} from './types.js';
