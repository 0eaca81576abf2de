import type { Projection } from '#projections';
import type { Tables } from './database/tables.js';

/** Views of a system that was there before its first event: applied page after page, not built. */
export const installViews = (tables: Tables, views: readonly Projection[]): void => {
  const tx = tables.begin('installation');
  for (const { name, version } of views) tx.set('projections', name, { name, version });
  tx.commit();
};
