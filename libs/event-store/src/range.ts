import pg from 'pg';
import { FILE_HEADER } from './copy-in.js';
import { CopyOut } from './copy-out.js';
import { EventRow, rowColumns, rowColumnsWithId, type RangeEvent } from './event-row.js';
import type { Pool } from './pool.js';
import { whereOf, type EventFilter } from './queries.js';

/** At most `limit` events behind `after`, and no more once they have `maxBytes` together: the last one may go beyond. */
export type EventRange = EventFilter &
  Readonly<{
    after: number;
    limit: number;
    maxBytes: number;
    /** Whether rows have the id of their event. */
    withId?: boolean;
  }>;

/** `isCut`: more events were there within `limit`, and left out for their bytes. */
export type Range = Readonly<{ events: readonly RangeEvent[]; isCut: boolean }>;

/** How many rows there were, and the position of the last. `isCut`: more were there within `limit`, and left out for their bytes. */
export type Rows = Readonly<{ count: number; last: number; isCut: boolean }>;

/**
 * Events in order of position, for whoever reads much of the log: several times as fast as `readAll`, and within a bound of
 * memory however large they are. One statement on one connection, which is free again when this resolves.
 */
export const readRange = async (pool: Pool, range: EventRange): Promise<Range> => {
  const events: RangeEvent[] = [];
  const { isCut } = await readRows(pool, range, (row) => events.push(row.toEvent()));
  return { events, isCut };
};

/**
 * Hands the bytes of each event of a range to `take`, in order of position. Reading them costs the server less than rows of
 * text, and here nothing but what `take` does: it must not throw, and the row is another one when it has returned.
 */
export const readRows = (
  pool: Pool,
  { after, limit, maxBytes, withId = false, ...filter }: EventRange,
  take: (row: EventRow) => void,
): Promise<Rows> => {
  const { text, values } = whereOf(after, filter);
  const select = `select ${withId ? rowColumnsWithId : rowColumns} from events where ${inlined(text, values)} order by position limit ${Math.trunc(limit)}`;
  const found = { count: 0, last: after };
  const keep = (row: EventRow): void => {
    found.count += 1;
    found.last = row.position;
    take(row);
  };
  const rows = new RowsReader(maxBytes, keep, new EventRow(withId));
  return onConnection(pool, (client, done) => {
    client.query(
      new CopyOut(`copy (${select}) to stdout (format binary)`, rows.take, (error) =>
        done(error, { ...found, isCut: rows.isCut }),
      ),
    );
  });
};

/** COPY takes no parameters. */
const inlined = (text: string, values: readonly unknown[]): string =>
  text.replace(/\$(\d+)/g, (_, index) => literalOf(values[Number(index) - 1]));

const literalOf = (value: unknown): string => {
  if (typeof value === 'number') return String(value);
  return Array.isArray(value)
    ? `array[${value.map((each) => pg.escapeLiteral(each)).join()}]::text[]`
    : pg.escapeLiteral(value as string);
};

/** Runs one statement on a connection of its own, which goes back to the pool unless it is broken. */
const onConnection = async <T>(
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

/** The rows of a binary COPY of the columns of a row, until they have their bytes. */
class RowsReader {
  isCut = false;
  private bytes = 0;
  private isFirst = true;

  constructor(
    private readonly maxBytes: number,
    private readonly keep: (row: EventRow) => void,
    private readonly row: EventRow,
  ) {}

  readonly take = (bytes: Buffer, start: number, end: number): void => {
    // The header of the file comes with the first row.
    const rowStart = this.isFirst ? start + FILE_HEADER.length : start;
    this.isFirst = false;
    if (this.isCut || !this.row.read(bytes, rowStart)) return;
    this.isCut = this.bytes >= this.maxBytes;
    if (this.isCut) return;
    this.bytes += end - start;
    this.keep(this.row);
  };
}
