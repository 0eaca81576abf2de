import type { Queryable } from './pool.js';
import { eventColumns } from './queries.js';
import type { StoredEvent, Timestamp } from './types.js';

/** Which events of a stream to give: those that pass all of it. */
export type StreamFilter = Readonly<{
  types?: readonly string[];
  /** Of `recordedAt`: `from` is included, `to` is not. */
  from?: Timestamp;
  to?: Timestamp;
  /** At least one of these members of `data` is there with one of its values. */
  members?: Readonly<Record<string, readonly (string | number)[]>>;
}>;

/** Versions above `after` and up to `upTo`: what one statement looks at, however few of them pass. */
export type Stretch = Readonly<{ after: number; upTo: number; limit: number; newestFirst?: boolean }>;

/** The first events of a stretch of a stream that pass a filter, in order; the last ones where the newest come first. */
export const searchStream = async (
  database: Queryable,
  stream: string,
  { types, from, to, members }: StreamFilter,
  { after, upTo, limit, newestFirst }: Stretch,
): Promise<StoredEvent[]> => {
  const values: unknown[] = [stream, after, upTo];
  const param = (value: unknown) => `$${values.push(value)}`;
  const conditions = ['stream = $1', 'version > $2', 'version <= $3'];
  if (types) conditions.push(`type = any(${param(types)})`);
  if (from !== undefined) conditions.push(`recorded_at >= ${param(from)}`);
  if (to !== undefined) conditions.push(`recorded_at < ${param(to)}`);
  if (members) {
    const any = Object.entries(members).map(
      ([name, texts]) => `data ->> ${param(name)} = any(${param(texts)}::text[])`,
    );
    conditions.push(`(${any.join(' or ')})`);
  }
  const { rows } = await database.query(
    `select ${eventColumns}
       from events where ${conditions.join(' and ')} order by version ${newestFirst ? 'desc' : ''} limit ${Math.trunc(limit)}`,
    values,
  );
  return rows;
};

/** Where a stream ends; 0 where there is none. */
export const endOfStream = async (database: Queryable, stream: string): Promise<number> =>
  (await database.query('select version from streams where stream = $1', [stream])).rows[0]?.version ?? 0;
