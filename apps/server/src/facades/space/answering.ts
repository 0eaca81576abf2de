import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Window } from '#projections';
import { sendResource } from '../../http/resource.js';
import { queryOf } from '../credentials.js';
import { countIn } from './count.js';
import { invalid } from './dialect.js';
import { pick, readFields } from './fields.js';

const BY_DEFAULT = 100;
const MAX = 1_000;

const asked = (request: FastifyRequest, body: object): object =>
  pick(body, readFields(queryOf(request).get('$fields'))) as object;

/** A record, with the members that are asked for. */
export async function sendShape(request: FastifyRequest, reply: FastifyReply, shape: object): Promise<void> {
  const body = asked(request, shape);
  if (request.method === 'GET') await sendResource(request, reply, body);
  else await reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** `$skip` is what the batch before called `next`. */
export function windowIn(request: FastifyRequest): Window {
  const query = queryOf(request);
  return windowOf({ skip: query.get('$skip'), top: query.get('$top') }, ['$skip', '$top']);
}

type Asked = Readonly<{ skip?: unknown; top?: unknown }>;

export function windowOf({ skip, top }: Asked, [skipName, topName]: readonly [string, string]): Window {
  const offset = given(skip, skipName, 0);
  return { offset, limit: Math.min(given(top, topName, BY_DEFAULT), MAX) };
}

function given(value: unknown, name: string, byDefault: number): number {
  if (value === undefined || value === null || value === '') return byDefault;
  const count = countIn(value);
  if (count === undefined) throw invalid(`${name} must be a whole number from 0.`);
  return count;
}

type Batch = Readonly<{ data: readonly object[]; total: number; window: Window }>;

/** `next` is empty on the last batch: clients go on while it is not, and something came. */
export async function sendBatch(
  request: FastifyRequest,
  reply: FastifyReply,
  { data, total, window }: Batch,
): Promise<void> {
  const end = window.offset + data.length;
  const next = data.length > 0 && end < total ? String(end) : '';
  await sendShape(request, reply, { next, totalCount: total, data });
}
