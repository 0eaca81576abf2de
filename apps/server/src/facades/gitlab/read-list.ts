import type { FastifyRequest } from 'fastify';
import type { Window, WindowFilters, WindowOrder } from '#projections';
import { badRequest } from './dialect.js';
import { Params } from './params.js';
import { standingsOf, states } from './states.js';

const orders = ['id', 'iid', 'created_at', 'updated_at', 'finished_at', 'ref'] as const;
const orderOf: Readonly<Record<(typeof orders)[number], WindowOrder>> = {
  id: 'id',
  iid: 'id',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
  finished_at: 'finishedAt',
  ref: 'ref',
};

/** What a list is asked for. */
export type Asked = Readonly<{
  filters: Omit<WindowFilters, 'projects' | 'project'>;
  window: Window;
  page: number;
  perPage: number;
}>;

/** What a list of deployments is asked for: the oldest first unless said otherwise, as GitLab has them. */
export function readList(request: FastifyRequest): Asked {
  const params = new Params(request);
  const order = params.oneOf('order_by', orders) ?? 'id';
  const ascending = params.oneOf('sort', ['asc', 'desc'] as const) !== 'desc';
  const status = params.oneOf('status', states);
  const environment = params.text('environment') || undefined;
  const times = {
    updatedFrom: params.time('updated_after'),
    updatedTo: params.time('updated_before'),
    finishedFrom: params.time('finished_after'),
    finishedTo: params.time('finished_before'),
  };
  const { page, perPage } = params.page();
  params.check();
  const fault = faultOf({
    byUpdate: (times.updatedFrom ?? times.updatedTo) !== undefined,
    byFinish: (times.finishedFrom ?? times.finishedTo) !== undefined,
    order,
    status,
  });
  if (fault) throw badRequest(`400 Bad request - ${fault}`);
  const bounds = Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined));
  return {
    filters: {
      ...bounds,
      ...(environment === undefined ? {} : { target: environment }),
      ...(status === undefined ? {} : { standings: standingsOf(status) }),
    },
    window: { offset: (page - 1) * perPage, limit: perPage, order: orderOf[order], ascending },
    page,
    perPage,
  };
}

type Combination = Readonly<{ byUpdate: boolean; byFinish: boolean; order: string; status: string | undefined }>;

/** Why filters and order do not go together, in GitLab's words and in the order in which it looks. */
function faultOf({ byUpdate, byFinish, order, status }: Combination): string | undefined {
  if (byUpdate && byFinish) return 'Both `updated_at` filter and `finished_at` filter can not be specified';
  if (byUpdate && order !== 'updated_at') return '`updated_at` filter requires `updated_at` sort';
  if (byFinish && order !== 'finished_at') return '`finished_at` filter requires `finished_at` sort.';
  if (byFinish && status !== 'success') return '`finished_at` filter must be combined with `success` status filter.';
  return undefined;
}
