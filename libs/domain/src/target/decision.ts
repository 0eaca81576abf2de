import type { DecidedEvent } from './events.js';
import type { Rejection } from './rejections.js';

/** The events to append, perhaps none, and the number of the deployment that the command concerned. */
export type Accepted = Readonly<{ events: readonly DecidedEvent[]; number: number | null }>;

/** The decision needs a deployment that only the log knows: ask again with a state folded with its history. */
export type NeedsHistory = Readonly<{ needs: 'history' }>;

export type Decision = Accepted | Rejection | NeedsHistory;

export const needsHistory: NeedsHistory = { needs: 'history' };

export const accept = (number: number | null, events: readonly DecidedEvent[]): Accepted => ({ events, number });

/** Accepted, and there is nothing to do. */
export const nothing = (number: number | null): Accepted => accept(number, []);
