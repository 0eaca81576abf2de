import { EventStore } from '#event-store';
import { newId } from '#runtime';

import { CommandQueue, type CommandQueueOptions } from '../command-queue.js';
import type { Store } from '../types.js';

const log = { warn: () => undefined, error: () => undefined };

/** A waist over a store, with a quiet log. */
export const waistOver = (store: Store, options: Partial<CommandQueueOptions> = {}): CommandQueue =>
  new CommandQueue({ store, newId, log, ...options });

/** A store whose methods are replaced where given; each gets the real one's as well. */
export function storeWith(store: EventStore, replaced: (real: Store) => Partial<Store>): Store {
  const real: Store = {
    append: (batch) => store.append(batch),
    loadStreams: (names, heads) => store.loadStreams(names, heads),
    readAbove: (versions) => store.readAbove(versions),
    loadOutcomes: (ids) => store.loadOutcomes(ids),
    positionsOf: (places) => store.positionsOf(places),
    readStream: (stream, range) => store.readStream(stream, range),
    notify: (position) => store.notify(position),
  };
  return { ...real, ...replaced(real) };
}

/** The error of a connection that was lost while it was used. */
export const connectionLost = (): Error =>
  Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' });
