import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { toProblem } from '../problem.js';
import type { Identity, Scope } from '../auth/identity.js';
import { readBatch } from './read-batch.js';

const command = (type: string, more: object = {}) => ({
  value: { commandId: 'c', type, project: 'web-shop', target: 'production', data: {}, ...more },
  bytes: 100,
});
const identity = (projects: readonly string[], ...scopes: Scope[]): Identity => ({
  tokenId: 'ci',
  actor: { id: 'ci', kind: 'service' },
  scopes: new Set(scopes),
  projects: new Set(projects),
});
const refusals = (sender: Identity, ...items: Parameters<typeof readBatch>[0]) =>
  readBatch(items, { identity: sender, headers: {} } as FastifyRequest).map((read) =>
    'refused' in read ? toProblem(read.refused).code : 'sent',
  );

describe('readBatch', () => {
  it('asks of each command the scope of its type', () => {
    const all = [command('ChangeTarget'), command('FinishDeployment')];
    expect(refusals(identity(['web-shop'], 'deployments:write'), ...all)).toEqual(['forbidden', 'sent']);
    expect(refusals(identity(['web-shop'], 'targets:write'), ...all)).toEqual(['sent', 'forbidden']);
    expect(refusals(identity(['web-shop'], 'admin'), ...all)).toEqual(['sent', 'sent']);
  });

  it('hides the targets of other projects, and forbids to create them', () => {
    const writer = identity(['another'], 'targets:write', 'deployments:write');
    const all = ['CreateTarget', 'ChangeTarget', 'DeleteTarget', 'FinishDeployment'].map((type) => command(type));
    expect(refusals(writer, ...all)).toEqual(['forbidden', ...Array(3).fill('target_not_found')]);
  });

  it('says that it is no command before it says whose it is', () => {
    expect(refusals(identity([], 'deployments:write'), command('FinishDeployment', { nope: 1 }))).toEqual([
      'bad_request',
    ]);
  });

  it('keeps an actor as what is claimed, before another claim', () => {
    const claimed = { claimedBy: { id: 'bob' } };
    const sent = readBatch(
      [
        command('FinishDeployment', { ...claimed, actor: { id: 'ann', name: 'Ann', kind: 'user' } }),
        command('FinishDeployment', claimed),
      ],
      { identity: identity(['web-shop'], 'admin'), headers: {} } as FastifyRequest,
    ).map((read) => 'sent' in read && read.sent.claimedBy);
    expect(sent).toEqual([{ id: 'ann', name: 'Ann' }, { id: 'bob' }]);
  });
});
