import type { PlacedEvent } from './events.js';
import type { Target } from './target.js';

export const evolve = (_target: Target, _event: PlacedEvent): Target => {
  throw new Error('not yet');
};

export const lacks = (_target: Target, _event: PlacedEvent): boolean => {
  throw new Error('not yet');
};
