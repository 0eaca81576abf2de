import { addMinutes, deadlinesOf, type Deadline, type Target, type Time } from '#domain';
import type { Queryable } from '#event-store';

import type { Clocks, LogEvent } from './log-events.js';

/** A moment that one deployment waits for. `setVersion` is the version of the event that set it last, settings included. */
type Wait = Readonly<{ number: number; setVersion: number; deadline: Time }> &
  (
    | Readonly<{ kind: 'time-out'; clockVersion: number; clockSetAt: Time }>
    | Readonly<{ kind: 'due'; dueVersion: number }>
  );

/** The clocks of a target just after an event; undefined where that takes those before it, and they are not known. */
export const clocksAfter = (
  before: Clocks | undefined,
  { open }: Target,
  { version, recordedAt }: Pick<LogEvent, 'version' | 'recordedAt'>,
): Clocks | undefined => {
  const clocks: Record<number, Time> = {};
  for (const { number, clockVersion } of open) {
    if (clockVersion === null) continue;
    const setAt = clockVersion === version ? recordedAt : before?.[number];
    if (setAt === undefined) return undefined;
    clocks[number] = setAt;
  }
  return clocks;
};

/** Of each deployment what comes first, when it hangs or fails, or when it is due; by when that is. */
export const waitsOf = (target: Target, clocks: Clocks): readonly Wait[] => {
  const waits = new Map<number, Wait>();
  for (const each of deadlinesOf(target)) {
    const wait = toWait(each, clocks);
    const other = waits.get(each.number);
    if (!other || wait.deadline < other.deadline) waits.set(each.number, wait);
  }
  return [...waits.values()].sort(byDeadline);
};

const byDeadline = (a: Wait, b: Wait): number => (a.deadline < b.deadline ? -1 : 1);

const toWait = (deadline: Deadline, clocks: Clocks): Wait => {
  const { number, armedBy: setVersion } = deadline;
  if (deadline.kind === 'due')
    return { kind: 'due', number, setVersion, dueVersion: deadline.dueVersion, deadline: deadline.at };
  const { clockVersion, afterMinutes } = deadline;
  const clockSetAt = clocks[number]!;
  return {
    kind: 'time-out',
    number,
    setVersion,
    clockVersion,
    clockSetAt,
    deadline: addMinutes(clockSetAt, afterMinutes),
  };
};

/** A deadline that has come. `now` is the database's, and not before `deadline`. */
export type DueDeadline = Wait & Readonly<{ stream: string; project: string; target: string; now: Time }>;

/** What is due by the database clock, first what was due first. */
export const dueDeadlines = async (database: Queryable, limit: number): Promise<DueDeadline[]> => {
  // As a subquery the clock is read once, and an index can be searched for it.
  const { rows } = await database.query(
    `with clock as materialized (select clock_timestamp() as now)
     select stream, project, key as target, wait,
            to_char(now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now
       from clock, current, json_array_elements(waits::json) as wait
      where due <= (select now from clock) and (wait ->> 'deadline')::timestamptz <= now
      order by wait ->> 'deadline' collate "C", stream, wait ->> 'number'
      limit $1`,
    [limit],
  );
  return rows.map(({ wait, ...row }) => ({ ...row, ...wait }));
};
