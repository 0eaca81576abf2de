import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Window } from '#projections';
import { sendText } from '../../http/resource.js';
import { queryOf } from '../credentials.js';
import { countIn } from './count.js';
import { invalid } from './dialect.js';
import { pick, readFields, type Fields } from './fields.js';
import { deploymentShape, deploymentText, type Placed } from './shapes.js';

const BY_DEFAULT = 100;
const MAX = 1_000;

export const fieldsOf = (request: FastifyRequest): Fields | undefined => readFields(queryOf(request).get('$fields'));

/** A record, with the members that are asked for. */
export async function sendShape(
  request: FastifyRequest,
  reply: FastifyReply,
  shape: object,
  fields = fieldsOf(request),
): Promise<void> {
  await sendJson(request, reply, JSON.stringify(pick(shape, fields)));
}

/** A deployment and its target, or the members of it that are asked for. */
export async function sendDeployment(request: FastifyRequest, reply: FastifyReply, placed: Placed): Promise<void> {
  const fields = fieldsOf(request);
  if (fields) await sendShape(request, reply, deploymentShape(placed), fields);
  else await sendJson(request, reply, deploymentText(placed));
}

async function sendJson(request: FastifyRequest, reply: FastifyReply, text: string): Promise<void> {
  if (request.method === 'GET') await sendText(request, reply, text);
  else await reply.type('application/json; charset=utf-8').send(text);
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

type Batch = Readonly<{
  count: number;
  total: number;
  window: Window;
  shapes: () => readonly object[];
  /** The JSON of each, where that is made in less time than of their shapes. */
  texts?: () => readonly string[];
  /** What is asked for, where that was read already. */
  fields?: Fields | undefined;
}>;

/** `next` is empty on the last batch: clients go on while it is not, and something came. */
export async function sendBatch(
  request: FastifyRequest,
  reply: FastifyReply,
  { count, total, window, shapes, texts, fields = fieldsOf(request) }: Batch,
): Promise<void> {
  const end = window.offset + count;
  const head = { next: count > 0 && end < total ? String(end) : '', totalCount: total };
  if (!texts || fields) return sendShape(request, reply, { ...head, data: shapes() }, fields);
  await sendJson(request, reply, `${JSON.stringify(head).slice(0, -1)},"data":[${texts().join()}]}`);
}
