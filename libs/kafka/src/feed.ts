import type { IHeaders, Message } from 'kafkajs';

/** A record to publish with its place in what is published: 1, 2, 3 …, a position of the log or the count of an outcome. */
export type Item = Readonly<{ position: number; message: Message }>;

/**
 * What follows a checkpoint, by position. When the items are out, everything up to `upTo` is published; `more`: it was not
 * all that there was to read.
 */
export type Page = Readonly<{
  items: readonly Item[];
  upTo: number;
  more: boolean;
  published?: () => Promise<void>;
}>;

/** What a publisher publishes to one topic, in one order. */
export type Feed = Readonly<{
  topic: string;
  /** Somebody waits for it: what is new is read while the send before it is under way. */
  prompt?: true;
  /** Each position has one record, and the same one whenever it is read. */
  verbatim?: true;
  /** What follows `after`; null when there is nothing, a page without items that ends at `after` when it is not ready yet. */
  next(after: number, signal: AbortSignal): Promise<Page | null>;
  /** Where what there is to publish ends now, and in which store. */
  end(): Promise<{ storeId: string; position: number }>;
  /** The position that a published record bears; undefined when it is none of ours. */
  positionOf(headers: IHeaders): number | undefined;
  /** Told of items that may arrive late and after newer ones: their send failed, or another replica publishes by now. */
  doubt?(items: readonly Item[]): Promise<void>;
}>;

const MAX_ITEMS = 1_000;
/** Below the 1 MiB that brokers take by default, for all may belong to one partition. */
const MAX_BYTES = 900_000;
const RECORD_OVERHEAD = 64;

/** Cuts items into sends of at most 1,000 records and 900 kB; a larger record goes alone. */
export function sendsOf(items: readonly Item[], maxItems = MAX_ITEMS, maxBytes = MAX_BYTES): Item[][] {
  const sends: Item[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item.message);
    const last = sends.at(-1);
    if (last && last.length < maxItems && bytes + size <= maxBytes) {
      last.push(item);
      bytes += size;
    } else {
      sends.push([item]);
      bytes = size;
    }
  }
  return sends;
}

/** A send that was too large, in two; undefined where it is a single record. */
export function halvesOf(items: readonly Item[]): [Item[], Item[]] | undefined {
  const half = Math.ceil(items.length / 2);
  return items.length > 1 ? [items.slice(0, half), items.slice(half)] : undefined;
}

/** Bytes of a record before compression, near enough: a letter counts as one. */
export function sizeOf({ key, value, headers = {} }: Message): number {
  let size = RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name of Object.keys(headers)) {
    const values = headers[name];
    for (const each of Array.isArray(values) ? values : [values]) size += 8 + name.length + (each?.length ?? 0);
  }
  return size;
}
