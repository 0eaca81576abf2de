import type { TargetEvent } from './events.js';
import type { Rejection } from './rejections.js';

/**
 * What became of a command: the events to append (perhaps none) with the number of the deployment that it concerned, a
 * rejection, or the wish to be asked again with a state that was folded with its history.
 */
export type Decision =
  | Readonly<{ events: readonly TargetEvent[]; number: number | null }>
  | Rejection
  | Readonly<{ needs: 'history' }>;
