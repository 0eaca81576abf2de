import { viewNames } from './projections.js';

/** The tables of the views, for `migrate` of #event-store. */
export const projectionsMigrations = {
  name: 'projections',
  folder: new URL('../migrations/', import.meta.url),
  remade: viewNames.flatMap((name) => [name, `${name}_next`]),
};
