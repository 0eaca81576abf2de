import pg from 'pg';
import type { Pool } from './pool.js';
import { whereOf, type EventFilter } from './queries.js';
import type { StoredEvent } from './types.js';

/** An event as readers of ranges get it: its `id` is for inside only. */
export type RangeEvent = Omit<StoredEvent, 'id'>;

/** At most `limit` events behind `after`, and no more once they have `maxBytes` together: the last one may go beyond. */
export type EventRange = EventFilter & Readonly<{ after: number; limit: number; maxBytes: number }>;

/** What was made of each event, and the position of the last. `isCut`: more was there within `limit`, and left out for its bytes. */
export type Range<T = RangeEvent> = Readonly<{ events: readonly T[]; last: number; isCut: boolean }>;

// As JSON a time is spelled alike whatever the DateStyle, and at a tenth of what `to_char` costs.
const columns = `position, stream, version, type, data, metadata, command_id,
 to_json(occurred_at at time zone 'UTC'), to_json(recorded_at at time zone 'UTC')`;

/**
 * Events in order of position, for whoever reads much of the log: several times as fast as `readAll`, and within a bound of
 * memory however large they are. One statement on one connection, which is free again when this resolves. `take` gets each
 * event as it comes: whoever keeps less than it spares the collector most of its work. It must not throw.
 */
export const readRange = async <T = RangeEvent>(
  pool: Pool,
  { after, limit, maxBytes, ...filter }: EventRange,
  take: (event: RangeEvent) => T = (event) => event as T,
): Promise<Range<T>> => {
  const { text: conditions, values } = whereOf(after, filter);
  const text = `select ${columns} from events where ${conditions} order by position limit ${Math.trunc(limit)}`;
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const events: T[] = [];
    let last = after;
    const keep = (event: RangeEvent): void => {
      events.push(take(event));
      last = event.position;
    };
    const isCut = await new Promise<boolean>((resolve, reject) => {
      const query = new RangeQuery({ text, values }, { maxBytes, keep }, (error) =>
        error ? reject(error) : resolve(query.isCut),
      );
      client.query(query);
    });
    return { events, last, isCut };
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
class RangeQuery extends pg.Query {
  isCut = false;
  #bytes = 0;

  constructor(
    config: pg.QueryConfig,
    private readonly into: Readonly<{ maxBytes: number; keep: (event: RangeEvent) => void }>,
    callback: (error: Error | undefined) => void,
  ) {
    super(config, callback);
  }

  handleDataRow({ fields }: Readonly<{ fields: Row }>): void {
    this.isCut = this.#bytes >= this.into.maxBytes;
    if (this.isCut) return;
    const event = eventOf(fields);
    this.#bytes += event.data.length + event.metadata.length + ENVELOPE;
    this.into.keep(event);
  }
}

/** About what an event takes besides its data. */
const ENVELOPE = 200;

type Row = readonly [string, string, string, string, string, string, string, string, string];

const eventOf = (row: Row): RangeEvent => ({
  position: Number(row[0]),
  stream: row[1],
  version: Number(row[2]),
  type: row[3],
  data: row[4],
  metadata: row[5],
  commandId: row[6],
  occurredAt: timestampOf(row[7]),
  recordedAt: timestampOf(row[8]),
});

const ALL_DIGITS = '"2026-11-20T10:00:00.500000"'.length;

/** `"2026-11-20T10:00:00.5"`, in quotes and with no more digits than it needs, as a Timestamp. */
const timestampOf = (json: string): string =>
  json.length === ALL_DIGITS ? `${json.slice(1, -1)}Z` : `${json.slice(1, 20)}.${json.slice(21, -1).padEnd(6, '0')}Z`;
