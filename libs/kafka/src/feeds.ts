import type { IHeaders } from 'kafkajs';
import { readOutcome } from '#commands';
import { ceHeadersOf, ceHeadersOfOutcome, keyOfStream, presentOutcome } from '#contracts';
import type { EventStore, RangeEvent, StoredOutcome } from '#event-store';
import type { Feed, Item } from './feed.js';

const READ_AT_ONCE = 1_000;
/** Of large events fewer are held at once. */
const MAX_BYTES = 4_000_000;

/** All events of the log, by position; the value is the event's data as it was stored, byte for byte. */
export function eventFeed(store: Pick<EventStore, 'readRange' | 'head'>, topic: string): Feed {
  const storeId = storeIdOf(store);
  const itemOf =
    (id: string) =>
    (event: RangeEvent): Item => ({
      position: event.position,
      message: { key: keyOfStream(event.stream), value: event.data, headers: ceHeadersOf(id, event) },
    });
  return {
    topic,
    prompt: true,
    verbatim: true,
    end: storeEnd(store, 'position'),
    positionOf,
    async next(after) {
      const { events, isCut } = await store.readRange({ after, limit: READ_AT_ONCE, maxBytes: MAX_BYTES });
      const last = events.at(-1);
      if (!last) return null;
      const more = isCut || events.length === READ_AT_ONCE;
      return { items: events.map(itemOf(await storeId())), upTo: last.position, more };
    },
  };
}

/** All outcomes, in the order in which they were written, those without events too. */
export function outcomeFeed(store: Pick<EventStore, 'readOutcomes' | 'head'>, topic: string): Feed {
  const storeId = storeIdOf(store);
  const itemOf =
    (id: string) =>
    (stored: StoredOutcome): Item => {
      const outcome = readOutcome(stored);
      return {
        position: stored.seq,
        message: {
          key: keyOfStream(stored.stream),
          value: JSON.stringify(presentOutcome(outcome)),
          headers: ceHeadersOfOutcome(id, stored, outcome),
        },
      };
    };
  return {
    topic,
    prompt: true,
    verbatim: true,
    end: storeEnd(store, 'seq'),
    positionOf,
    async next(after) {
      const outcomes = await store.readOutcomes(after, READ_AT_ONCE);
      const last = outcomes.at(-1);
      if (!last) return null;
      const more = outcomes.length === READ_AT_ONCE;
      return { items: outcomes.map(itemOf(await storeId())), upTo: last.seq, more };
    },
  };
}

/** Where the log ends, in what its feed counts. */
export const storeEnd =
  (store: Pick<EventStore, 'head'>, counted: 'position' | 'seq') =>
  async (): Promise<{ storeId: string; position: number }> => {
    const head = await store.head();
    return { storeId: head.storeId, position: head[counted] };
  };

/** Asked for once: a store that becomes another one stops the process. */
export const storeIdOf = (store: Pick<EventStore, 'head'>): (() => Promise<string>) => {
  let storeId: string | undefined;
  return async () => (storeId ??= (await store.head()).storeId);
};

/** The position that a published record bears. */
export function positionOf(headers: IHeaders): number | undefined {
  const sequence = Number(String(headers['ce_sequence'] ?? ''));
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;
}
