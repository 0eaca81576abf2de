import { evolve, initialTarget, withoutHistory, type Target } from '#domain';

import type { LogEvent } from './log-events.js';
import { targetIn } from './streams.js';

/** What an event makes of a target as a view keeps it, undefined before its first event. */
export const evolveTarget = (target: Target | undefined, event: LogEvent): Target => {
  const before = target ?? initialOf(event.stream);
  // Standing among the open ones it is found there, and leaves them, for it becomes current.
  const after = evolve(event.recovers ? { ...before, open: [...before.open, event.recovers] } : before, event);
  return after.timedOut.length === 0 ? after : { ...after, timedOut: [] };
};

/** Whether nothing is known of the target before the event. */
export const isFirst = ({ version }: LogEvent): boolean => version === 1;

const initialOf = (stream: string): Target => {
  const { project, key } = targetIn(stream);
  return initialTarget(project, key);
};

/** A target as a view stores it beside what is current there: what only decisions look at would be a burden to every row. */
export const toState = (target: Target): string =>
  JSON.stringify({ ...withoutHistory(target), current: null, formerCurrent: null, timedOut: [] });
