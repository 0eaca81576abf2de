import type { Target, Time } from '#domain';
import { intArray, jsonArray, textArray, type Queryable } from '#event-store';

import { targetIn } from './streams.js';
import { atFirst, isChange, type Axis, type Moment, type Point, type Standing, type Stretch } from './tenures-fold.js';

/** One axis of one stream. */
export type Line = Readonly<{ stream: string; axis: Axis }>;

/**
 * What the first row of a line carries: where it gets points, its span as far as that changes, and on the axis `recorded` the
 * target. Nothing was current before `begins`, nor is from `ends` on, which is 'infinity' while something is.
 */
export type Base = Line & Readonly<{ span?: Readonly<{ begins: Time; ends?: string }>; target?: Target }>;

/** SQL for a moment as text, canonical. */
export const micros = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The targets of these streams as the events applied so far have left them. */
export const loadTargets = async (tx: Queryable, streams: readonly string[]): Promise<Map<string, Target>> => {
  const { rows } = await tx.query(
    `select stream, state from tenures where stream = any ($1) and axis = 'recorded' and since = '-infinity'`,
    [streams],
  );
  return new Map(rows.map(({ stream, state }) => [stream, state]));
};

/** A line from one moment to another, and what stands behind them before `until`. In between there is room for so many. */
export type Piece = Line & Readonly<{ from: Time; to: Time; until: Time | null; room: number }>;

/** `isFull`: between the two moments stands more than there is room for. `isCut`: there may be more behind them. */
export type Loaded = Stretch & Readonly<{ isFull: boolean; isCut: boolean }>;

/** Of each piece, in their order, its moments and so many behind them, and what stood before it. */
export const loadStretches = async (tx: Queryable, pieces: readonly Piece[], behind: number): Promise<Loaded[]> => {
  const { rows } = await tx.query(
    `select n::integer as n, ${micros('since')} as since, since < first as before, since > last as behind, version, body,
            case when began > '-infinity' then ${micros('began')} end as began, environment_type, actor, points
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
      stretch.known.push({ since: row.since, points: pointsIn(row), standing: standingIn(row) });
      stretch[row.behind ? 'behind' : 'within'] += 1;
    }
  }
  return stretches.map(({ before, known, ...counts }, index) => ({
    ...{ before, known },
    isFull: counts.within > pieces[index]!.room,
    isCut: counts.behind === behind,
  }));
};

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

const pointsIn = ({ points, body, version }: Row): Point[] =>
  points.map((point: Point) => (point.version === version && body ? { ...point, deployment: body } : point));

/** A deployment that stands in the row is not written twice. */
const toPoints = ({ points, standing }: Moment): string =>
  JSON.stringify(
    points.map((point) => (point.version === standing.version ? { ...point, deployment: undefined } : point)),
  );

export type LineMoment = Line & Readonly<{ moment: Moment }>;

/** Writes moments, in place of those that stand there. */
export const saveMoments = async (tx: Queryable, rows: readonly LineMoment[]): Promise<void> => {
  if (rows.length === 0) return;
  const of = <T>(pick: (moment: Moment) => T): T[] => rows.map(({ moment }) => pick(moment));
  await tx.query(
    `insert into tenures (stream, axis, since, version, number, began, environment_type, actor, body, changed, points)
     select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::integer[], $5::integer[], $6::timestamptz[],
                          $7::text[], $8::json[], $9::json[], $10::boolean[], $11::json[])
     on conflict (stream, axis, since) do update
     set version = excluded.version, number = excluded.number, began = excluded.began,
         environment_type = excluded.environment_type, actor = excluded.actor, body = excluded.body,
         changed = excluded.changed, points = excluded.points`,
    [
      textArray(rows.map(({ stream }) => stream)),
      textArray(rows.map(({ axis }) => axis)),
      of(({ since }) => since),
      intArray(of(({ standing }) => standing.version)),
      of(({ standing }) => standing.deployment?.number ?? null),
      of(({ standing }) => standing.began ?? '-infinity'),
      textArray(of(({ standing }) => standing.environmentType)),
      jsonArray(of(({ standing }) => JSON.stringify(standing.actor))),
      jsonArray(of(({ standing }) => JSON.stringify(standing.deployment))),
      of(isChange),
      jsonArray(of(toPoints)),
    ],
  );
};

/** Writes the first rows of lines; a span that is not given stays as it is. */
export const saveBases = async (tx: Queryable, bases: readonly Base[]): Promise<void> => {
  const places = bases.map(({ stream }) => targetIn(stream));
  await tx.query(
    `insert into tenures (stream, axis, since, version, began, environment_type, actor, body, changed, points,
                          project, key, begins, ends, state)
     select stream, axis, '-infinity', 0, '-infinity', 'unmapped', 'null', 'null', false, '[]', project, key, begins, ends, state
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::json[])
         as base (stream, axis, project, key, begins, ends, state)
     on conflict (stream, axis, since) do update
     set begins = least(tenures.begins, excluded.begins), ends = coalesce(excluded.ends, tenures.ends), state = excluded.state`,
    [
      textArray(bases.map(({ stream }) => stream)),
      textArray(bases.map(({ axis }) => axis)),
      textArray(places.map(({ project }) => project)),
      textArray(places.map(({ key }) => key)),
      bases.map(({ span }) => span?.begins ?? null),
      bases.map(({ span }) => span?.ends ?? null),
      jsonArray(
        bases.map(({ target }) => (target ? JSON.stringify({ ...target, formerCurrent: null, timedOut: [] }) : 'null')),
      ),
    ],
  );
};
