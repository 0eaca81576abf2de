import { evolve, initialTarget, withoutHistory, type Target } from '#domain';

import type { LogEvent } from './log-events.js';
import { targetIn } from './streams.js';

/** What an event makes of a target as a view keeps it, undefined before its first event. */
export const evolveTarget = (target: Target | undefined, event: LogEvent): Target => {
  const before = target ?? initialOf(event.stream);
  // Standing among the open ones it is found there, and leaves them, for it becomes current.
  return evolve(event.recovers ? { ...before, open: [...before.open, event.recovers] } : before, event);
};

const initialOf = (stream: string): Target => {
  const { project, key } = targetIn(stream);
  return initialTarget(project, key);
};

/** A target as a view stores it: what only decisions look at would be a burden to every row. */
export const toState = (target: Target): string =>
  JSON.stringify({ ...withoutHistory(target), formerCurrent: null, timedOut: [] });
