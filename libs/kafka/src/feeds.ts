import type { IHeaders } from 'kafkajs';
import { readOutcome } from '#commands';
import { ceHeadersOf, ceHeadersOfOutcome, keyOfStream, presentOutcome } from '#contracts';
import type { EventStore, StoredEvent, StoredOutcome } from '#event-store';
import type { Feed, Item } from './feed.js';

const READ_AT_ONCE = 1_000;

/** All events of the log, by position; the value is the event's data as it was stored, byte for byte. */
export function eventFeed(store: Pick<EventStore, 'readAll' | 'head'>, topic: string): Feed {
  const end = storeEnd(store, 'position');
  const itemOf =
    (storeId: string) =>
    (event: StoredEvent): Item => ({
      position: event.position,
      message: { key: keyOfStream(event.stream), value: event.data, headers: ceHeadersOf(storeId, event) },
    });
  return {
    topic,
    end,
    positionOf,
    async next(after) {
      const events = await store.readAll(after, READ_AT_ONCE);
      const last = events.at(-1);
      if (!last) return null;
      const { storeId } = await end();
      return { items: events.map(itemOf(storeId)), upTo: last.position };
    },
  };
}

/** All outcomes, in the order in which they were written, those without events too. */
export function outcomeFeed(store: Pick<EventStore, 'readOutcomes' | 'head'>, topic: string): Feed {
  const end = storeEnd(store, 'seq');
  const itemOf =
    (storeId: string) =>
    (stored: StoredOutcome): Item => {
      const outcome = readOutcome(stored);
      return {
        position: stored.seq,
        message: {
          key: keyOfStream(stored.stream),
          value: JSON.stringify(presentOutcome(outcome)),
          headers: ceHeadersOfOutcome(storeId, stored, outcome),
        },
      };
    };
  return {
    topic,
    end,
    positionOf,
    async next(after) {
      const outcomes = await store.readOutcomes(after, READ_AT_ONCE);
      const last = outcomes.at(-1);
      if (!last) return null;
      const { storeId } = await end();
      return { items: outcomes.map(itemOf(storeId)), upTo: last.seq };
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

/** The position that a published record bears. */
export function positionOf(headers: IHeaders): number | undefined {
  const sequence = Number(String(headers['ce_sequence'] ?? ''));
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;
}
