import { describe, expect, it } from '@jest/globals';
import type { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SendToTarget, Unavailable, type Actors } from '#commands';
import { createLogger } from '#runtime';
import type { Identity, Scope } from '../auth/identity.js';
import { BatchSender } from './batch-sender.js';

const outcome = { outcome: 'accepted', number: 1, version: 1, position: 7, events: [] };

/** Sends commands to a waist that does this with each; answers with what was replied. */
async function send(
  decide: (commandId: string) => void,
  ids: readonly string[],
  scope: Scope = 'admin',
): Promise<object[]> {
  const bus = {
    execute: async ({ submission: { commandId } }: SendToTarget) => {
      decide(commandId);
      return { outcome: { commandId, ...outcome } };
    },
  } as unknown as CommandBus;
  const identity: Identity = {
    tokenId: 'ci',
    actor: { id: 'ci', kind: 'service' },
    scopes: new Set([scope]),
    projects: '*',
    endsAt: null,
  };
  const body = ids.map((commandId) => ({
    bytes: 1,
    value: { commandId, type: 'DeleteTarget', project: 'p', target: 't', data: {} },
  }));
  let sent: object[] = [];
  const reply = { header: () => reply, send: (answers: object[]) => void (sent = answers) };
  const request = { identity, body, headers: {}, raw: { url: '/' } } as unknown as FastifyRequest;
  await new BatchSender(bus, {} as Actors, createLogger({ level: 'silent' })).send(
    request,
    reply as unknown as FastifyReply,
  );
  return sent;
}

const unavailable = () => {
  throw new Unavailable('Too many commands are waiting.', 3);
};

describe('BatchSender', () => {
  it('says of one that did not get through when to try it again, beside those that did', async () => {
    const answers = await send((id) => void (id === 'b' && unavailable()), ['a', 'b']);
    expect(answers).toEqual([
      expect.objectContaining({ commandId: 'a', outcome: 'accepted' }),
      expect.objectContaining({ commandId: 'b', status: 503, code: 'unavailable', retryAfter: 3 }),
    ]);
  });

  it('is unavailable as a whole where none got through', async () => {
    await expect(send(unavailable, ['a', 'b'])).rejects.toMatchObject({
      code: 'unavailable',
      more: { headers: { 'retry-after': '3' } },
    });
  });

  it('tells an error of ours from what the sender did', async () => {
    const answers = await send(() => {
      throw new Error('secret');
    }, ['a']);
    expect(answers).toEqual([expect.objectContaining({ commandId: 'a', status: 500, code: 'internal_error' })]);
    expect(JSON.stringify(answers)).not.toContain('secret');
  });

  it('forbids the whole to a token that may only read', async () => {
    await expect(send(() => undefined, ['a'], 'deployments:read')).rejects.toMatchObject({ code: 'forbidden' });
  });
});
