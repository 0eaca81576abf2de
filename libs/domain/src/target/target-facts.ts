import type { CommandContext, TargetChange } from './commands.js';
import type { DecidedEvent, TargetEventData, TargetEventType } from './events.js';
import { changeSettings } from './settings.js';
import type { Target } from './target.js';

/** An event about the target, as it stands after a request that changes it. */
export const targetEvent = (
  type: TargetEventType,
  data: TargetEventData,
  { claimedBy }: CommandContext,
): DecidedEvent => ({ type, data: claimedBy ? { ...data, claimedBy } : data });

/** The target as it stands after an event of this version: what the request does not mention stays, null clears. */
export const describeTarget = (target: Target, version: number, request: TargetChange): TargetEventData => ({
  project: target.project,
  key: target.key,
  name: request.name === undefined ? target.name : request.name,
  description: request.description === undefined ? target.description : request.description,
  repositories: request.repositories ?? target.repositories,
  environmentType: request.environmentType ?? target.environmentType,
  externalUrl: request.externalUrl === undefined ? target.externalUrl : request.externalUrl,
  labels: request.labels ?? target.labels,
  settings: request.settings ? changeSettings(target.settings, request.settings) : target.settings,
  version,
  createdAt: target.createdAt,
});
