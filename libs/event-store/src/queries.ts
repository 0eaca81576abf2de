import type { Statement } from './lane.js';
import type { Queryable } from './pool.js';
import { asTimestamp } from './times.js';
import type { LogHead, StoredEvent, StoredOutcome, Timestamp } from './types.js';
import { intArray, textArray, uuidArray } from './arrays.js';
import { commandKey } from './batch.js';

/** Which events of the log to give: those that pass all of it. `prefixes` (any of them) and `suffix` are of the stream's name. */
export type EventFilter = Readonly<{
  types?: readonly string[];
  streams?: readonly string[];
  prefixes?: readonly string[];
  suffix?: string;
  upTo?: number;
}>;

/** Which events of a stream to give: those that pass all of it. */
export type StreamFilter = Readonly<{
  types?: readonly string[];
  /** Of `recordedAt`: `from` is included, `to` is not. */
  from?: Timestamp;
  to?: Timestamp;
  /** At least one of these members of `data` is there with one of its values. */
  members?: Readonly<Record<string, readonly (string | number)[]>>;
}>;

/** Of the versions above `after`, up to `upTo`, the first `limit` that pass; the last ones, in reverse, where the newest come first. */
export type StreamRange = StreamFilter &
  Readonly<{ after?: number; upTo?: number; limit?: number; newestFirst?: boolean }>;

/** An event as a StoredEvent. */
const eventColumns = `position, stream, version, id, type, data::text as data, metadata::text as metadata,
 command_id as "commandId", ${asTimestamp('occurred_at')} as "occurredAt", ${asTimestamp('recorded_at')} as "recordedAt"`;

const outcomeColumns = `c.stream, c.command_id as "commandId", c.fingerprint, c.outcome::text as outcome, c.position,
 c.version, c.seq, ${asTimestamp('c.recorded_at')} as "recordedAt"`;

/** Conditions, each with a value for every `?`, numbered in order; those without a value are left out. */
const where = (
  conditions: ReadonlyArray<readonly [condition: string, ...values: unknown[]]>,
): { text: string; values: unknown[] } => {
  const given = conditions.filter(([, value]) => value !== undefined);
  let next = 1;
  return {
    text: given.map(([condition]) => condition.replace(/\?/g, () => `$${next++}`)).join(' and '),
    values: given.flatMap(([, ...values]) => values),
  };
};

/** The events behind a position that pass a filter. Bounds of the position leave all but a few partitions out of the plan. */
export const whereOf = (
  after: number,
  { types, streams, prefixes, suffix, upTo }: EventFilter,
): { text: string; values: unknown[] } =>
  where([
    ['position > ?', after],
    ['position <= ?', upTo],
    ['type = any(?)', types],
    ['stream = any(?)', streams],
    ['stream ^@ any(?)', prefixes],
    ['starts_with(reverse(stream), reverse(?))', suffix],
  ]);

/** Whether an event passes a filter: the same as its conditions in SQL, but for `upTo`, for whoever has the event in hand. */
export const passes = (
  { types, streams, prefixes, suffix }: EventFilter,
  { type, stream }: Readonly<{ type: string; stream: string }>,
): boolean =>
  (types === undefined || types.includes(type)) &&
  (streams === undefined || streams.includes(stream)) &&
  (prefixes === undefined || prefixes.some((prefix) => stream.startsWith(prefix))) &&
  (suffix === undefined || stream.endsWith(suffix));

/** What `EventStore.readAll` answers, over the caller's own connections. */
export const readEvents = async (
  database: Queryable,
  after: number,
  limit: number,
  filter: EventFilter,
): Promise<StoredEvent[]> => {
  const { text, values } = whereOf(after, filter);
  const query = `select ${eventColumns} from events where ${text} order by position limit ${Math.trunc(limit)}`;
  return (await database.query(query, values)).rows;
};

/** What `EventStore.readStream` answers, over the caller's own connections. */
export const readStreamEvents = async (
  database: Queryable,
  stream: string,
  { after, upTo, types, from, to, members = {}, limit, newestFirst }: StreamRange,
): Promise<StoredEvent[]> => {
  const named = Object.entries(members);
  const { text, values } = where([
    ['stream = ?', stream],
    ['version > ?', after],
    ['version <= ?', upTo],
    ['type = any(?)', types],
    ['recorded_at >= ?', from],
    ['recorded_at < ?', to],
    [`(${named.map(() => 'data ->> ? = any(?::text[])').join(' or ')})`, ...named.flat()],
  ]);
  const order = `order by version ${newestFirst ? 'desc' : ''} ${limit === undefined ? '' : `limit ${Math.trunc(limit)}`}`;
  return (await database.query(`select ${eventColumns} from events where ${text} ${order}`, values)).rows;
};

/** A member of the data of the events at these positions, as JSON; events without it are left out. */
export const readMember = async <Member>(
  database: Queryable,
  positions: readonly number[],
  name: string,
): Promise<Map<number, Member>> => {
  const { rows } = await database.query(
    `select position, data -> $2 as member from events where position = any ($1::bigint[]) and data -> $2 is not null`,
    [positions, name],
  );
  return new Map(rows.map(({ position, member }) => [position, member]));
};

/** Where a stream ends; 0 where there is none. */
export const endOfStream = async (database: Queryable, stream: string): Promise<number> =>
  (await database.query('select version from streams where stream = $1', [stream])).rows[0]?.version ?? 0;

export const findPositions = async (
  database: Queryable,
  places: ReadonlyArray<Readonly<{ stream: string; version: number }>>,
): Promise<Array<number | undefined>> => {
  const { rows } = await database.query(
    `select b.n::int as n, e.position from unnest($1::text[], $2::int[]) with ordinality as b (stream, version, n)
       join events e using (stream, version)`,
    [places.map(({ stream }) => stream), places.map(({ version }) => version)],
  );
  const found: Array<number | undefined> = places.map(() => undefined);
  for (const { n, position } of rows) found[n - 1] = position;
  return found;
};

export const readOutcomesAfter = async (database: Queryable, seq: number, limit: number): Promise<StoredOutcome[]> =>
  (await database.query(`select ${outcomeColumns} from commands c where seq > $1 order by seq limit $2`, [seq, limit]))
    .rows;

const headQuery = `select store_id as "storeId", position, seq, ${asTimestamp('recorded_at')} as "recordedAt",
 ${asTimestamp('clock_timestamp()')} as now from log`;

export const readHead = async (database: Queryable): Promise<LogHead> => (await database.query(headQuery)).rows[0];

/** What the database's clock shows, in milliseconds since 1970. */
export const readClock = async (database: Queryable): Promise<number> =>
  (await database.query('select extract(epoch from clock_timestamp())::float8 * 1000 as now')).rows[0].now;

/** Where streams stand that do not stand at the head given for them. */
export const streamsNotAt = (names: readonly string[], heads: readonly string[]): Statement => ({
  name: 'streams',
  text: `select s.stream, s.version, s.position, s.head, s.state, s.state_version as "stateVersion"
           from unnest($1::text[], $2::uuid[]) as b (stream, head) join streams s using (stream) where s.head <> b.head`,
  values: [textArray(names), uuidArray(heads)],
});

/** The events of streams above the versions given for them, stream by stream in order of version. */
export const eventsAbove = (versions: ReadonlyMap<string, number>): Statement => ({
  name: 'events above',
  text: `select ${eventColumns} from unnest($1::text[], $2::int[]) as b (stream, above) join events using (stream)
          where version > above order by stream, version`,
  values: [textArray([...versions.keys()]), intArray([...versions.values()])],
});

/** Outcomes with the place in `ids`, from 1. */
export const outcomesById = (ids: ReadonlyArray<Readonly<{ stream: string; commandId: string }>>): Statement => ({
  name: 'outcomes',
  text: `select b.n::int as n, ${outcomeColumns}
           from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as b (id_key, stream, command_id, n)
           join commands c using (id_key, stream, command_id)`,
  values: [
    uuidArray(ids.map(({ stream, commandId }) => commandKey(stream, commandId))),
    textArray(ids.map(({ stream }) => stream)),
    textArray(ids.map(({ commandId }) => commandId)),
  ],
});

/** Makes sure that two whole partitions lie ahead of the one in use. */
export const makePartitions = async (database: Queryable): Promise<void> => {
  await database.query('select make_partitions()');
};
