import { commits } from './commits.js';
import { current } from './current.js';
import { deployments } from './deployments.js';
import type { Projection, ViewName } from './projection.js';
import { tenures } from './tenures.js';

/** Every view. */
export const projections: readonly Projection[] = [current, deployments, tenures, commits];

export const viewNames: readonly ViewName[] = projections.map(({ name }) => name);
