import type { AddressInfo } from 'node:net';

import fastify from 'fastify';
import pg from 'pg';

import { CommandQueue } from '#commands';
import { presentAnswer, presentDeployment } from '#contracts';
import { streamOf, toTime, type CommitRef } from '#domain';
import { EventStore } from '#event-store';
import { createLogger, newId } from '#runtime';

import { serve } from '../frame/peer.js';

type Place = { project: string; target: string };
type Finish = { version: string; commitRefs: CommitRef[] };

const commitRef = {
  type: 'object',
  required: ['repository', 'branch', 'commit'],
  additionalProperties: false,
  properties: {
    repository: { type: 'string', maxLength: 200 },
    branch: { type: 'string', maxLength: 200 },
    commit: { type: 'string', maxLength: 200 },
  },
};
const finish = {
  type: 'object',
  required: ['version'],
  additionalProperties: false,
  properties: { version: { type: 'string', maxLength: 200 }, commitRefs: { type: 'array', items: commitRef } },
};

/**
 * What somebody would write who needs nothing else: Fastify with its Ajv, the same waist, `pg.Pool` as it comes. It asks for
 * no token, knows no scopes, looks up no names and answers no ETag. The answer to a command and what is current on one target
 * are the same JSON, serialised by Fastify; what is current on all of them is the text that PostgreSQL made of the rows.
 */
const open = async (connectionString: string) => {
  const store = await EventStore.open({ connectionString });
  const queue = new CommandQueue({ store, newId, log: createLogger({ level: 'warn' }) });
  const pool = new pg.Pool({ connectionString });
  const app = fastify();

  app.post<{ Params: Place; Body: Finish }>(
    '/api/v1/projects/:project/targets/:target/finish',
    { schema: { body: finish } },
    async ({ params: { project, target }, body }) => {
      const answer = await queue.submit({
        stream: streamOf(project, target),
        commandId: newId(),
        fingerprint: Buffer.alloc(32),
        command: { type: 'FinishDeployment', project, target, data: body },
        context: { actor: { id: 'ci', kind: 'service' }, occurredAt: toTime(new Date().toISOString())! },
      });
      return presentAnswer(answer);
    },
  );

  app.get<{ Params: Place }>('/api/v1/projects/:project/targets/:target/current', async ({ params }) => {
    const { project, target } = params;
    const { rows } = await pool.query(`select deployment from current where stream = $1 and runs`, [
      streamOf(project, target),
    ]);
    return presentDeployment(project, target, rows[0].deployment);
  });

  app.get<{ Querystring: { project: string } }>('/api/v1/current', async ({ query: { project } }, reply) => {
    const { rows } = await pool.query<{ body: string }>(
      `select json_agg(deployment)::text as body
         from (select deployment from current where project = $1 and runs order by key) as list`,
      [project],
    );
    void reply.type('application/json');
    return rows[0]!.body;
  });

  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: async () => (app.server.address() as AddressInfo).port,
    async close(): Promise<void> {
      await app.close();
      await queue.drain();
      await store.close();
      await pool.end();
    },
  };
};

export type Bare = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((connectionString) => open(connectionString!));
