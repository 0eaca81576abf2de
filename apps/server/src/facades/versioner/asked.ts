import type { FastifyRequest } from 'fastify';
import { isKey } from '#domain';
import type { Window, WindowFilters } from '#projections';
import { reachOf } from '../../http/views/pages.js';
import { queryOf } from '../credentials.js';
import { withoutUndefined } from '../kept.js';
import type { Catalog } from './catalog.js';
import { invalidParameter } from './dialect.js';
import { standingsShownAs } from './shapes.js';
import { reportedOf, statusNames } from './statuses.js';

const BY_DEFAULT = 100;
const MAX = 500;
const MAX_SKIPPED = 1_000_000_000;

/** Lists are windows, of 100 unless asked otherwise and of 500 at most. */
export function windowIn(request: FastifyRequest): Window {
  const query = queryOf(request);
  const numberIn = (name: string): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^\d{1,9}$/.test(text)) throw invalidParameter(name, 'Input should be a valid integer, not below 0');
    return Number(text);
  };
  const offset = Math.min(numberIn('skip') ?? numberIn('offset') ?? 0, MAX_SKIPPED);
  return { offset, limit: Math.min(numberIn('limit') ?? BY_DEFAULT, MAX) };
}

/** A text that is asked for. None that is stored has U+0000, and the database takes none that has. */
export const textIn = (query: URLSearchParams, name: string): string | undefined =>
  query.get(name)?.replaceAll('\0', '\u{fffd}') || undefined;

/** What a list is narrowed to, by names or by ids; undefined where nothing can be that. */
export async function filtersIn(request: FastifyRequest, catalog: Catalog): Promise<WindowFilters | undefined> {
  const query = queryOf(request);
  const asked = (name: string): string | undefined => textIn(query, name);
  const standings = standingsIn(asked('status'));
  const of = await found(asked('version_id'), (id) => catalog.version(request, id));
  const project = await found(asked('product_id'), (id) => catalog.product(request, id), asked('product_name'));
  const named = asked('environment_name') ?? asked('environment');
  const keyOf = async (id: string): Promise<string | undefined> => (await catalog.environment(request, id))?.key;
  const target = await found(asked('environment_id'), keyOf, named);
  const isOther = of && project !== undefined && project !== of.product;
  if (of === null || project === null || target === null || isOther) return undefined;
  if ([project, target].some((key) => key !== undefined && !isKey(key))) return undefined;
  const { product, version } = of ?? { product: project, version: asked('version') };
  return { projects: reachOf(request), ...withoutUndefined({ project: product, target, version, standings }) };
}

/** What has the id, null where nothing has it; without an id, what was asked for otherwise. */
async function found<T>(
  id: string | undefined,
  find: (id: string) => Promise<T | undefined>,
  otherwise?: T,
): Promise<T | null | undefined> {
  return id === undefined ? otherwise : ((await find(id)) ?? null);
}

function standingsIn(text: string | undefined): WindowFilters['standings'] {
  if (text === undefined) return undefined;
  const reported = reportedOf(text);
  if (!reported) throw invalidParameter('status', `Input should be one of: ${statusNames.join(', ')}`);
  return standingsShownAs(reported);
}
