import { evolve, initialTarget, withoutHistory, type Deployment, type Target } from '#domain';

import type { LogEvent } from './log-events.js';
import { targetIn } from './streams.js';
import { spelledOnce } from './texts.js';

/**
 * What an event makes of a target as a view keeps it, undefined before its first event. It is the same for every view: the one
 * that comes to an event first makes it, and the others share it, with the JSON that was made of it.
 */
export const evolveTarget = (target: Target | undefined, event: LogEvent): Target => {
  event.after ??= evolved(target ?? initialOf(event.stream), event);
  return event.after;
};

const evolved = (before: Target, event: LogEvent): Target => {
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

/** A target as JSON, but for what is current there: what only decisions look at would be a burden to every row. */
export const toState = spelledOnce((target: Target) =>
  JSON.stringify({ ...withoutHistory(target), current: undefined, formerCurrent: null, timedOut: [] }),
);

/** The target of such a state, with what is current there. */
export const toTarget = (state: string, current: Deployment | null): Target => ({
  ...(JSON.parse(state) as Omit<Target, 'current'>),
  current,
});

/** A deployment as JSON. */
export const toBody = spelledOnce((deployment: Deployment) => JSON.stringify(deployment));
