import type { Time } from '#domain';
import { column, intArray, textArray, writeRows, type Column, type Queryable, type Table } from '#event-store';

import { targetIn } from './streams.js';
import { toBody } from './target-states.js';
import {
  atFirst,
  isChange,
  noEnd,
  standingAtEnd,
  type Axis,
  type End,
  type Moment,
  type Point,
  type Standing,
  type Stretch,
} from './tenures-fold.js';

/** One axis of one stream. */
export type Line = Readonly<{ stream: string; axis: Axis }>;

/**
 * What the first row of a line carries: its span, where `ends` is left out as it does not change, and on the axis `recorded` the
 * state of the target. Nothing was current before `begins`, nor is from `ends` on, which is 'infinity' while something is.
 */
export type Base = Line & Readonly<{ span: Readonly<{ begins: Time; ends?: string }>; state?: string }>;

/** SQL for a moment as text, canonical. */
export const micros = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The states of the targets of these streams as the events applied so far have left them. */
export const loadStates = async (tx: Queryable, streams: readonly string[]): Promise<Map<string, string>> => {
  const { rows } = await tx.query(
    `select stream, state from tenures where stream = any ($1) and axis = 'recorded' and since = '-infinity'`,
    [textArray(streams)],
  );
  return new Map(rows.map(({ stream, state }) => [stream, state]));
};

/** Of each line, in their order, where it ends. */
export const loadEnds = async (tx: Queryable, lines: readonly Line[]): Promise<End[]> => {
  const { rows } = await tx.query(
    `select n::integer as n, ${micros('since')} as since, ${STANDING}, points
       from unnest($1::text[], $2::text[]) with ordinality as line (stream, axis, n),
            lateral (select * from tenures where ${ON_LINE} and since > '-infinity' order by since desc limit 2) as moment
      order by n, since`,
    [textArray(lines.map(({ stream }) => stream)), textArray(lines.map(({ axis }) => axis))],
  );
  const ends: End[] = lines.map(() => noEnd);
  for (const row of rows) ends[row.n - 1] = { before: standingAtEnd(ends[row.n - 1]!), last: momentIn(row) };
  return ends;
};

/** A line from one moment to another, and what stands behind them before `until`. In between there is room for so many. */
export type Piece = Line & Readonly<{ from: Time; to: Time; until: Time | null; room: number }>;

/** `isFull`: between the two moments stands more than there is room for. `isCut`: there may be more behind them. */
export type Loaded = Stretch & Readonly<{ isFull: boolean; isCut: boolean }>;

/** Of each piece, in their order, its moments and so many behind them, and what stood before it. */
export const loadStretches = async (tx: Queryable, pieces: readonly Piece[], behind: number): Promise<Loaded[]> => {
  const { rows } = await tx.query(
    `select n::integer as n, ${micros('since')} as since, since < first as before, since > last as behind, ${STANDING}, points
       from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
              with ordinality as line (stream, axis, first, last, until, room, n),
            lateral ((select * from tenures where ${ON_LINE} and since < first order by since desc limit 1)
                     union all (select * from tenures where ${ON_LINE} and since between first and last order by since limit room + 1)
                     union all (select * from tenures where ${ON_LINE} and since > last and since < coalesce(until, 'infinity')
                                 order by since limit $7)) as moment
      order by n, since`,
    [
      textArray(pieces.map(({ stream }) => stream)),
      textArray(pieces.map(({ axis }) => axis)),
      pieces.map(({ from }) => from),
      pieces.map(({ to }) => to),
      pieces.map(({ until }) => until),
      intArray(pieces.map(({ room }) => room)),
      behind,
    ],
  );
  const stretches = pieces.map(() => ({ before: atFirst, known: [] as Moment[], within: 0, behind: 0 }));
  for (const row of rows) {
    const stretch = stretches[row.n - 1]!;
    if (row.before) stretch.before = standingIn(row);
    else {
      stretch.known.push(momentIn(row));
      stretch[row.behind ? 'behind' : 'within'] += 1;
    }
  }
  return stretches.map(({ before, known, ...counts }, index) => ({
    ...{ before, known },
    isFull: counts.within > pieces[index]!.room,
    isCut: counts.behind === behind,
  }));
};

const STANDING = `version, body, case when began > '-infinity' then ${micros('began')} end as began, environment_type, actor`;
const ON_LINE = 'stream = line.stream and axis = line.axis';

// oxlint-disable-next-line typescript/no-explicit-any -- as wide as SQL.
type Row = any;

const standingIn = ({ version, body, began, environment_type, actor }: Row): Standing => ({
  version,
  deployment: body,
  began,
  environmentType: environment_type,
  actor,
});

const momentIn = (row: Row): Moment => ({ since: row.since, points: pointsIn(row), standing: standingIn(row) });

const pointsIn = ({ points, body, version }: Row): Point[] =>
  points.map((point: Point) => (point.version === version && body ? { ...point, deployment: body } : point));

/** A deployment that stands in the row is not written twice. */
const toPoints = ({ points, standing }: Moment): string =>
  JSON.stringify(
    points.map((point) => (point.version === standing.version ? { ...point, deployment: undefined } : point)),
  );

export type LineMoment = Line & Readonly<{ moment: Moment }>;

const moments: Table<LineMoment> = {
  name: 'tenures',
  key: ['stream', 'axis', 'since'],
  columns: [
    column.text('stream', ({ stream }) => stream),
    column.text('axis', ({ axis }) => axis),
    column.time('since', ({ moment }) => moment.since),
    column.integer('version', ({ moment }) => moment.standing.version),
    column.integer('number', ({ moment }) => moment.standing.deployment?.number ?? null),
    column.time('began', ({ moment }) => moment.standing.began ?? '-infinity'),
    column.text('environment_type', ({ moment }) => moment.standing.environmentType),
    column.json('actor', ({ moment }) => JSON.stringify(moment.standing.actor)),
    column.json('body', ({ moment: { standing } }) => (standing.deployment ? toBody(standing.deployment) : 'null')),
    column.boolean('changed', ({ moment }) => isChange(moment)),
    column.json('points', ({ moment }) => toPoints(moment)),
  ],
};

/** Writes moments, in place of those that stand there. */
export const saveMoments = (tx: Queryable, rows: readonly LineMoment[]): Promise<void> => writeRows(tx, moments, rows);

const bases: readonly Column<Base>[] = [
  column.text('stream', ({ stream }) => stream),
  column.text('axis', ({ axis }) => axis),
  column.text('project', ({ stream }) => targetIn(stream).project),
  column.text('key', ({ stream }) => targetIn(stream).key),
  column.time('begins', ({ span }) => span.begins),
  column.time('ends', ({ span }) => span.ends ?? null),
  column.text('state', ({ state }) => state ?? null),
];

/** Writes the first rows of lines; what is not given stays as it is. */
export const saveBases = async (tx: Queryable, rows: readonly Base[]): Promise<void> => {
  if (rows.length === 0) return;
  await tx.query(
    `insert into tenures (stream, axis, since, version, began, environment_type, actor, body, changed, points,
                          project, key, begins, ends, state)
     select stream, axis, '-infinity', 0, '-infinity', 'unmapped', 'null', 'null', false, '[]', project, key, begins, ends, state
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[])
         as base (stream, axis, project, key, begins, ends, state)
     on conflict (stream, axis, since) do update
     set begins = least(tenures.begins, excluded.begins), ends = coalesce(excluded.ends, tenures.ends),
         state = coalesce(excluded.state, tenures.state)`,
    bases.map(({ array }) => array(rows)),
  );
};

/** Writes the states of targets that have their lines. */
export const saveStates = async (tx: Queryable, states: ReadonlyMap<string, string>): Promise<void> => {
  if (states.size === 0) return;
  await tx.query(
    `update tenures set state = target.state from unnest($1::text[], $2::text[]) as target (stream, state)
      where tenures.stream = target.stream and axis = 'recorded' and since = '-infinity'`,
    [textArray([...states.keys()]), textArray([...states.values()])],
  );
};
