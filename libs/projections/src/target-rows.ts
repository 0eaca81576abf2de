import { evolve, initialTarget, withoutHistory, type Target } from '#domain';
import { column, type Column } from '#event-store';

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

/** A target as a view stores it: what only decisions look at would be a burden to every row. */
export const toState = (target: Target): string =>
  JSON.stringify({ ...withoutHistory(target), formerCurrent: null, timedOut: [] });

const CURRENT = '"open":[],"current":';
const END = ',"formerCurrent":null,"timedOut":[]}';

/**
 * What is current in a stored state, as the text that stands there; `null` where nothing is. It is cut out, and parsed only
 * where something is in flight or the state is laid out in another way: PostgreSQL would read through each state for it.
 */
export const currentText = (state: string): string => {
  // What stands before has no list of that name: labels are strings, and the quotes of strings are escaped. Nothing in the end
  // opens an object, so it is that of the state.
  const start = state.indexOf('"open":[');
  if (state.startsWith(CURRENT, start) && state.endsWith(END)) return state.slice(start + CURRENT.length, -END.length);
  return JSON.stringify((JSON.parse(state) as Target).current);
};

/** What the row of a target has in a table whose key is the stream. */
export type TargetItem = Readonly<{ stream: string; target: Target }>;
export const targetColumns: readonly Column<TargetItem>[] = [
  column.text('stream', ({ stream }) => stream),
  column.text('project', ({ target }) => target.project),
  column.text('key', ({ target }) => target.key),
  column.json('state', ({ target }) => toState(target)),
];
