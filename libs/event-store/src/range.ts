import pg from 'pg';
import type { Pool } from './pool.js';
import { whereOf, type EventFilter } from './queries.js';
import type { StoredEvent } from './types.js';

/** An event as readers of ranges get it: its `id` is for inside only. */
export type RangeEvent = Omit<StoredEvent, 'id'>;

/** At most `limit` events behind `after`, and no more once they have `maxBytes` together: the last one may go beyond. */
export type EventRange = EventFilter & Readonly<{ after: number; limit: number; maxBytes: number }>;

/** `isCut`: more events were there within `limit`, and left out for their bytes. */
export type Range = Readonly<{ events: readonly RangeEvent[]; isCut: boolean }>;

// As JSON a time is spelled alike whatever the DateStyle, and at a tenth of what `to_char` costs.
export const columns = `position, version, stream, type, data, metadata, command_id,
 to_json(occurred_at at time zone 'UTC'), to_json(recorded_at at time zone 'UTC')`;

/**
 * Events in order of position, for whoever reads much of the log: several times as fast as `readAll`, and within a bound of
 * memory however large they are. One statement on one connection, which is free again when this resolves.
 */
export const readRange = (pool: Pool, { after, limit, maxBytes, ...filter }: EventRange): Promise<Range> => {
  const { text: conditions, values } = whereOf(after, filter);
  const text = `select ${columns} from events where ${conditions} order by position limit ${Math.trunc(limit)}`;
  return onConnection(pool, (client, done) => {
    const query = new RangeQuery({ text, values }, maxBytes, (error) => done(error, query));
    client.query(query);
  });
};

/** Runs one statement on a connection of its own, which goes back to the pool unless it is broken. */
export const onConnection = async <T>(
  pool: Pool,
  run: (client: pg.PoolClient, done: (error: Error | undefined, result: T) => void) => void,
): Promise<T> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      run(client, (error, result) => (error ? reject(error) : resolve(result)));
    });
  } catch (error) {
    // A statement that the server refuses leaves its connection whole.
    const isWhole = error instanceof pg.DatabaseError && error.severity === 'ERROR';
    broken = isWhole ? undefined : (error as Error);
    throw error;
  } finally {
    client.release(broken);
  }
};

/** Takes each row as it comes: the driver would parse it, make an object of it and keep it. */
class RangeQuery extends pg.Query implements Range {
  isCut = false;
  readonly events: RangeEvent[] = [];
  #bytes = 0;

  constructor(
    config: pg.QueryConfig,
    private readonly maxBytes: number,
    callback: (error: Error | undefined) => void,
  ) {
    super(config, callback);
  }

  handleDataRow({ fields }: Readonly<{ fields: Row }>): void {
    this.isCut = this.#bytes >= this.maxBytes;
    if (this.isCut) return;
    const event = eventOf(fields);
    this.#bytes += event.data.length + event.metadata.length + ENVELOPE;
    this.events.push(event);
  }
}

/** About what an event takes besides its data. */
const ENVELOPE = 200;

type Row = readonly [string, string, string, string, string, string, string, string, string];

const eventOf = (row: Row): RangeEvent => ({
  position: Number(row[0]),
  stream: row[2],
  version: Number(row[1]),
  type: row[3],
  data: row[4],
  metadata: row[5],
  commandId: row[6],
  occurredAt: timestampOf(row[7]),
  recordedAt: timestampOf(row[8]),
});

const ALL_DIGITS = '"2026-11-20T10:00:00.500000"'.length;

/** `"2026-11-20T10:00:00.5"`, in quotes and with no more digits than it needs, as a Timestamp. */
export const timestampOf = (json: string): string =>
  json.length === ALL_DIGITS ? `${json.slice(1, -1)}Z` : `${json.slice(1, 20)}.${json.slice(21, -1).padEnd(6, '0')}Z`;
