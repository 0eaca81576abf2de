import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { readJsonList } from '#contracts';
import { toProblem } from '../problem.js';
import type { Identity, Scope } from '../auth/identity.js';
import { BATCH_LIMITS, readBatch } from './read-batch.js';

const command = (type: string, more: object = {}) => ({
  value: { commandId: 'c', type, project: 'web-shop', target: 'production', data: {}, ...more },
  bytes: 100,
});
const identity = (projects: readonly string[], ...scopes: Scope[]): Identity => ({
  tokenId: 'ci',
  actor: { id: 'ci', kind: 'service' },
  scopes: new Set(scopes),
  projects: new Set(projects),
  endsAt: null,
});
const refusals = async (sender: Identity, ...items: ReturnType<typeof command>[]) =>
  (await readBatch(items, { identity: sender, headers: {} } as FastifyRequest)).map((read) =>
    'refused' in read ? toProblem(read.refused).code : 'sent',
  );

describe('readBatch', () => {
  it('leaves others their turns while it reads a large list', async () => {
    const large = Buffer.from(
      `[${Array(6)
        .fill(`{"data":[${'{},'.repeat(70_000)}{}]}`)
        .join(',')}]`,
    );
    let turns = 0;
    const others = setInterval(() => (turns += 1), 0);
    const read = await readBatch(readJsonList(large, BATCH_LIMITS), {
      identity: identity([], 'admin'),
      headers: {},
    } as FastifyRequest);
    clearInterval(others);
    expect(read.map((each) => 'refused' in each)).toEqual(Array(6).fill(true));
    expect(turns).toBeGreaterThan(1);
  });

  it('asks of each command the scope of its type', async () => {
    const all = [command('ChangeTarget'), command('FinishDeployment')];
    expect(await refusals(identity(['web-shop'], 'deployments:write'), ...all)).toEqual(['forbidden', 'sent']);
    expect(await refusals(identity(['web-shop'], 'targets:write'), ...all)).toEqual(['sent', 'forbidden']);
    expect(await refusals(identity(['web-shop'], 'admin'), ...all)).toEqual(['sent', 'sent']);
  });

  it('hides the targets of other projects, and forbids to create them', async () => {
    const writer = identity(['another'], 'targets:write', 'deployments:write');
    const all = ['CreateTarget', 'ChangeTarget', 'DeleteTarget', 'FinishDeployment'].map((type) => command(type));
    expect(await refusals(writer, ...all)).toEqual(['forbidden', ...Array(3).fill('target_not_found')]);
  });

  it('says that it is no command before it says whose it is', async () => {
    expect(await refusals(identity([], 'deployments:write'), command('FinishDeployment', { nope: 1 }))).toEqual([
      'bad_request',
    ]);
  });

  it('keeps an actor as what is claimed, before another claim', async () => {
    const claimed = { claimedBy: { id: 'bob' } };
    const read = await readBatch(
      [
        command('FinishDeployment', { ...claimed, actor: { id: 'ann', name: 'Ann', kind: 'user' } }),
        command('FinishDeployment', claimed),
      ],
      { identity: identity(['web-shop'], 'admin'), headers: {} } as FastifyRequest,
    );
    expect(read.map((each) => 'sent' in each && each.sent.claimedBy)).toEqual([
      { id: 'ann', name: 'Ann' },
      { id: 'bob' },
    ]);
  });
});
