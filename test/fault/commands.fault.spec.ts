import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestDatabase } from '../support/database.js';
import { groupBy } from '#runtime';
import { sendCommands } from '../support/producer.js';
import { type Replica, startReplica, stopReplica } from '../support/replica.js';
import { readTopic } from '../support/topic.js';

const TOKEN = 'fault-token-0123456789';
const TARGETS = 20;
const KILLS = 3;
const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';

type Sent = Readonly<{ commandId: string; type: string; project: string; target: string; data: object }>;
type Logged = Readonly<{ target: string; version: number; commandId: string }>;

(brokers ? describe : describe.skip)('commands from Kafka while one replica after the other is killed', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let env: Record<string, string>;
  let replicas: Replica[] = [];
  const prefix = `killed-${randomUUID().slice(0, 8)}.`;
  const sent: Sent[] = [];
  const outcomes = new Map<string, Set<string>>();
  let log: Logged[] = [];

  const commandFor = (n: number): Sent => {
    const target = `t${n % TARGETS}`;
    const turn = Math.floor(n / TARGETS);
    const type = turn === 0 ? 'CreateTarget' : turn % 2 === 1 ? 'StartDeployment' : 'FinishDeployment';
    const data = turn === 0 ? {} : { version: `1.${turn}` };
    return { commandId: randomUUID(), type, project: 'killed', target, data };
  };

  /** Without a pause, and each tenth batch twice, as a producer does that lost its answer. */
  const load = async (stop: () => boolean): Promise<void> => {
    for (let n = 0; !stop(); n += 1) {
      const batch = Array.from({ length: TARGETS }, (_, i) => commandFor(n * TARGETS + i));
      sent.push(...batch);
      await sendCommands(brokers, `${prefix}commands`, batch);
      if (n % 10 === 0) await sendCommands(brokers, `${prefix}commands`, batch);
    }
  };

  const killOneByOne = async (): Promise<void> => {
    for (let kills = 0; kills < KILLS; kills += 1) {
      await pause(500 + Math.random() * 500);
      const victim = kills % replicas.length;
      await stopReplica(replicas[victim]!, 'SIGKILL');
      replicas[victim] = await startReplica(env);
    }
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    env = {
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_GROUP_ID: prefix,
      SHIPLOG_ADMIN_TOKEN: TOKEN,
    };
    replicas = await Promise.all([startReplica(env), startReplica(env)]);
    let killed = false;
    const loading = load(() => killed);
    await killOneByOne().finally(() => (killed = true));
    await loading;
    const waiting = new Set(sent.map(({ commandId }) => commandId));
    await readTopic(brokers, `${prefix}outcomes`, (all) => {
      const value = String(all.at(-1)?.value);
      const { commandId } = JSON.parse(value) as { commandId: string };
      outcomes.set(commandId, (outcomes.get(commandId) ?? new Set()).add(value));
      waiting.delete(commandId);
      return waiting.size === 0;
    });
    const response = await fetch(`${replicas[0]!.url}/api/v1/events?project=killed`, {
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/x-ndjson' },
    });
    log = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Logged);
  }, 120_000);
  afterAll(async () => {
    const codes = await Promise.all(replicas.map((replica) => stopReplica(replica, 'SIGTERM')));
    await database.drop();
    expect(codes).toEqual([0, 0]);
  }, 60_000);

  it('gives each exactly one outcome', () => {
    expect(sent.length).toBeGreaterThan(10 * TARGETS);
    expect([...outcomes.keys()].sort()).toEqual(sent.map(({ commandId }) => commandId).sort());
    expect([...outcomes.values()].filter((values) => values.size !== 1)).toEqual([]);
  });

  it('decides those of a key in the order of their offsets, and writes each once', () => {
    for (const [target, events] of groupBy(log, (event) => event.target)) {
      const order = [...new Set(events.map(({ commandId }) => commandId))];
      expect(order).toEqual(sent.filter((command) => command.target === target).map(({ commandId }) => commandId));
      expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    }
  });

  it('sends none of them to the dead topic', async () => {
    const response = await fetch(`${replicas[0]!.url}/api/v1/status`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const { loops } = (await response.json()) as { loops: { inbox: { deadLetters: number; partitions: unknown[] } } };
    expect(loops.inbox).toMatchObject({ deadLetters: 0, lag: 0 });
  });
});
