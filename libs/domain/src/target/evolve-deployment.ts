import type { Deployment } from './deployment.js';
import type { PlacedEvent } from './events.js';

export const evolveDeployment = (_deployment: Deployment | null, _event: PlacedEvent): Deployment | null => {
  throw new Error('not yet');
};
