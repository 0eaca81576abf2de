import { addMinutes, deadlinesOf, type Deadline, type Target, type Time } from '#domain';
import { column, writeRows, type Queryable, type Table } from '#event-store';

import { eventTypes, type LogEvent } from './log-events.js';
import { defineProjection, onEach } from './define-projection.js';
import { evolveTarget, isFirst, targetColumns, type TargetItem } from './target-rows.js';

/** When the clocks of each deployment in flight were set, by its number. */
type Clocks = Readonly<Record<number, Time>>;
type Row = Readonly<{ target: Target; clocks: Clocks }>;

/** A moment that one deployment waits for. `setVersion` is the version of the event that set it last, settings included. */
type Wait = Readonly<{ number: number; setVersion: number; deadline: Time }> &
  (
    | Readonly<{ kind: 'time-out'; clockVersion: number; clockSetAt: Time }>
    | Readonly<{ kind: 'due'; dueVersion: number }>
  );

const evolveRow = (row: Row | undefined, event: LogEvent): Row => {
  const target = evolveTarget(row?.target, event);
  return { target, clocks: clocksAfter(row?.clocks ?? {}, target, event) };
};

const clocksAfter = (before: Clocks, { open }: Target, { version, recordedAt }: LogEvent): Clocks => {
  const clocks: Record<number, Time> = {};
  for (const { number, clockVersion } of open) {
    if (clockVersion !== null) clocks[number] = clockVersion === version ? recordedAt : before[number]!;
  }
  return clocks;
};

/** Of each deployment what comes first: when it hangs or fails, or when it is due. */
const waitsOf = ({ target, clocks }: Row): Wait[] => {
  const waits = new Map<number, Wait>();
  for (const each of deadlinesOf(target)) {
    const wait = toWait(each, clocks);
    const other = waits.get(each.number);
    if (!other || wait.deadline < other.deadline) waits.set(each.number, wait);
  }
  return [...waits.values()];
};

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

const first = (waits: readonly Wait[]): Time | null =>
  waits.map(({ deadline }) => deadline).reduce<Time | null>((a, b) => (a === null || b < a ? b : a), null);

type Item = TargetItem & Readonly<{ clocks: Clocks; waits: readonly Wait[] }>;
const toItem = (stream: string, row: Row): Item => ({ stream, ...row, waits: waitsOf(row) });

const table: Table<Item> = {
  name: 'deadlines',
  key: ['stream'],
  columns: [
    ...targetColumns,
    column.time('due', ({ waits }) => first(waits)),
    column.json('waits', ({ waits }) => JSON.stringify(waits)),
    column.json('clocks', ({ clocks }) => JSON.stringify(clocks)),
  ],
};

/** What each target waits for, so that changed settings arm anew at once whatever is in flight there. */
export const deadlines = defineProjection<Row, Item>({
  name: 'deadlines',
  version: 1,
  rowOf: ({ stream }) => stream,
  when: onEach(eventTypes, evolveRow),
  begins: isFirst,
  isSettled: () => false,
  load: async (tx, streams) => {
    const { rows } = await tx.query('select stream, state, clocks from deadlines where stream = any ($1)', [streams]);
    return new Map(rows.map(({ stream, state, clocks }) => [stream, { target: state, clocks }]));
  },
  save: (tx, touched) =>
    writeRows(
      tx,
      table,
      [...touched].map(([stream, row]) => toItem(stream, row!)),
    ),
  table,
  itemsOf: (stream, row) => [toItem(stream, row)],
});

/** A deadline that has come. `now` is the database's, and not before `deadline`. */
export type DueDeadline = Wait & Readonly<{ stream: string; project: string; target: string; now: Time }>;

/** What is due by the database clock, first what was due first. */
export const dueDeadlines = async (database: Queryable, limit: number): Promise<DueDeadline[]> => {
  // As a subquery the clock is read once, and an index can be searched for it.
  const { rows } = await database.query(
    `with clock as materialized (select clock_timestamp() as now)
     select stream, project, key as target, wait,
            to_char(now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now
       from clock, deadlines, json_array_elements(waits) as wait
      where due <= (select now from clock) and (wait ->> 'deadline')::timestamptz <= now
      order by wait ->> 'deadline' collate "C", stream, wait ->> 'number'
      limit $1`,
    [limit],
  );
  return rows.map(({ wait, ...row }) => ({ ...row, ...wait }));
};
