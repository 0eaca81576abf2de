import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { deploymentEventTypes, rejections, targetEventTypes } from '#domain';
import { fetchAsDocumented } from '../support/contract.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import type { Game } from '../support/model/game.js';
import { play } from '../support/model/play.js';
import { Service } from '../support/model/service.js';
import { sequences, type Sequence } from '../support/model/steps.js';
import { startReplica, stopReplica, type Replica } from '../support/replica.js';

const ADMIN = 'model-token-0123456789';
const RUNS = Number(process.env['MODEL_RUNS'] ?? 400);
const SEED = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31);
const SIDE_BY_SIDE = 250;
const SHRINK_MS = 60_000;
const REUSED = 'idempotency_key_reused';
/** So many sequences meet everything that can happen. */
const ENOUGH = 400;

/** Sequences by their places in all that come from this seed. */
const generate = (): Sequence[] => fc.sample(sequences, { seed: SEED, numRuns: RUNS });

/** The types of the events, and the codes of the refusals. */
const whatHappened = ({ sent, passages }: Game): string[] => [
  ...passages.flatMap(({ lines }) => lines.map(firstWord)),
  ...sent.flatMap(({ expected }) => (typeof expected === 'string' ? firstWord(expected) : [])),
];
const firstWord = (line: string): string => line.split(' ')[0]!;

describe('The running service', () => {
  let database: TestDatabase;
  let replica: Replica | undefined;
  let service: Service;

  const newToken = async (url: string, name: string, kind: string): Promise<string> => {
    const response = await fetchAsDocumented(`${url}/api/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, kind, scopes: ['deployments:write', 'targets:write'], projects: ['*'] }),
    });
    return ((await response.json()) as { token: string }).token;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    replica = await startReplica({
      DATABASE_URL: database.url,
      KAFKA_BROKERS: 'none',
      SHIPLOG_ADMIN_TOKEN: ADMIN,
      SHIPLOG_TICK_MS: '20',
    });
    const [ci, ann, bob] = await Promise.all([
      newToken(replica.url, 'ci', 'service'),
      newToken(replica.url, 'ann', 'user'),
      newToken(replica.url, 'bob', 'user'),
    ]);
    service = new Service(replica.url, { ci: ci!, ann: ann!, bob: bob! });
  }, 60_000);

  afterAll(async () => {
    if (replica) await stopReplica(replica, 'SIGTERM');
    await database.drop();
  }, 60_000);

  /** Plays the one that differed in ever shorter forms; throws with the shortest that still differs. */
  const explain = async (path: number, difference: string): Promise<never> => {
    const found = await fc.check(
      fc.asyncProperty(sequences, async (sequence) => {
        const [game] = await play([sequence], service, `again-${randomUUID()}`);
        if (game!.difference === undefined) return;
        const sent = game!.sent.map(({ sender, command }) => `${sender} ${JSON.stringify(command)}`);
        throw new Error(`${sent.join('\n')}\n${game!.difference}`);
      }),
      { seed: SEED, path: String(path), numRuns: 1, interruptAfterTimeLimit: SHRINK_MS },
    );
    const shrunk = found.errorInstance instanceof Error ? found.errorInstance.message : 'It could not be shrunk.';
    throw new Error(`MODEL_SEED=${SEED}, sequence ${path}: ${difference}\n\nShrunk:\n${shrunk}`);
  };

  it(
    `answers ${RUNS} sequences of commands, logs them and shows them as the oracle foresees`,
    async () => {
      const all = generate();
      const met = new Set<string>();
      let sent = 0;
      let events = 0;
      for (let from = 0; from < all.length; from += SIDE_BY_SIDE) {
        const games = await play(all.slice(from, from + SIDE_BY_SIDE), service, `model-${from}`);
        const wrong = games.findIndex(({ difference }) => difference !== undefined);
        if (wrong >= 0) await explain(from + wrong, games[wrong]!.difference!);
        for (const game of games) for (const each of whatHappened(game)) met.add(each);
        sent += games.reduce((sum, game) => sum + game.sent.length, 0);
        events += games.reduce((sum, { foreseen }) => sum + foreseen.stands.version, 0);
      }
      const status = await service.call('GET', '/status');
      process.stderr.write(
        `${all.length} sequences (MODEL_SEED=${SEED}), ${sent} commands, ${events} events: no difference\n`,
      );
      // Nothing came later, no deadline twice.
      expect(status.body.position).toBe(events);
      if (RUNS >= ENOUGH)
        expect([...met].sort()).toEqual(
          [...targetEventTypes, ...deploymentEventTypes, ...Object.keys(rejections), REUSED].sort(),
        );
    },
    60_000 + RUNS * 200,
  );
});
