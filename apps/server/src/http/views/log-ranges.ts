import { EventLines, type Pieces } from '#contracts';
import { readRange, readRows, type EventRange, type Pool, type RangeEvent } from '#event-store';

/** A range that ends somewhere. */
export type Bounded = EventRange & Readonly<{ upTo: number }>;
/** What was made of so many events, and the position up to which that is all. */
export type Read<T> = Readonly<{ events: readonly T[]; count: number; isCut: boolean; reached: number }>;
/** Lines of NDJSON, or an event in which somebody may have to be named. */
export type Part = Buffer | RangeEvent;

export async function readEvents(pool: Pool, range: Bounded): Promise<Read<RangeEvent>> {
  const { events, isCut } = await readRange(pool, range);
  const count = events.length;
  return { events, count, isCut, reached: reachedBy(range, { count, isCut, last: events.at(-1)?.position }) };
}

/** Each line stands in one of the pieces, which are for whoever gets them to give back. */
export async function readLines(
  pool: Pool,
  range: Bounded,
  { storeId, pieces }: Readonly<{ storeId: string; pieces: Pieces }>,
): Promise<Read<Part>> {
  const lines = new EventLines(storeId, pieces);
  const parts: Part[] = [];
  const { count, isCut, last } = await readRows(pool, range, (row) => {
    if (lines.write(row)) return;
    parts.push(...lines.take(), row.toEvent());
  });
  parts.push(...lines.take());
  return { events: parts, count, isCut, reached: reachedBy(range, { count, isCut, last }) };
}

type Seen = Readonly<{ count: number; isCut: boolean; last: number | undefined }>;

/** Where all was seen, the end of the range. */
const reachedBy = ({ limit, upTo }: Bounded, { count, isCut, last }: Seen): number =>
  isCut || count === limit ? last! : upTo;
