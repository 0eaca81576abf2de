import type { EventType } from '#domain';

import { FoldedBuild } from './build.js';
import { FoldedProjector } from './folded-projector.js';
import type { Definition, Fold, Projection } from './projection.js';

/** A view whose rows are folded in memory, page by page or all of the log at once. */
export const defineProjection = <Row extends object, Item>(definition: Definition<Row, Item>): Projection => ({
  name: definition.name,
  version: definition.version,
  projector: (mostBytes) => new FoldedProjector(definition, mostBytes),
  build: (site, mostBytes) => new FoldedBuild(definition, site, mostBytes),
});

/** The same function for each of these types. */
export const onEach = <Row>(types: readonly EventType[], fold: Fold<Row>): Partial<Record<EventType, Fold<Row>>> =>
  Object.fromEntries(types.map((type) => [type, fold]));
