import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Producer } from '@platformatic/kafka';
import { randomBytes, randomUUID } from 'node:crypto';
import { fetchAsDocumented } from '../support/contract.js';
import { createTestDatabase } from '../support/database.js';
import { groupBy } from '#runtime';
import { type Replica, startReplica, stopReplica } from '../support/replica.js';
import { readTopic, readWholeTopic, type TopicRecord } from '../support/topic.js';

const TOKEN = 'kafka-token-0123456789';
const COMMANDS = 3000;
const TARGETS = 40;

/** Of the senders' clock, which stands still. */
const LONG_AGO = 1_000_000_000_000n;
const BEGAN = Date.now();

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const prefix = `main-${randomUUID().slice(0, 8)}.`;

type LoggedEvent = {
  position: number;
  id: string;
  occurredAt: string;
  target: string;
  version: number;
  commandId: string;
  data: unknown;
};
type Published = { key?: Buffer; value: Buffer };

const commands = Array.from({ length: COMMANDS }, (_, n) => {
  const target = `t${n % TARGETS}`;
  const turn = Math.floor(n / TARGETS);
  const type = turn === 0 ? 'CreateTarget' : turn % 2 === 1 ? 'StartDeployment' : 'FinishDeployment';
  const data =
    turn === 0 ? {} : { version: `1.${turn}`, commitRefs: [{ repository: 'web', branch: 'main', commit: `c${turn}` }] };
  return { commandId: randomUUID(), type, project: 'web-shop', target, data };
});

const recordOf = (command: (typeof commands)[number]): Published => ({
  key: Buffer.from(`${command.project}/${command.target}`),
  value: Buffer.from(JSON.stringify(command)),
});
const garbage = Array.from({ length: COMMANDS / 100 }, (_, n): Published => {
  const shapes = [
    randomBytes(40),
    Buffer.from('{"type":'),
    Buffer.from('null'),
    Buffer.from(JSON.stringify({ ...commands[n], type: 'ExplodeDeployment' })),
    Buffer.from(JSON.stringify({ ...commands[n], project: 'another' })),
    Buffer.alloc(0),
  ];
  const value = shapes[n % shapes.length] ?? Buffer.from(JSON.stringify(commands[n]));
  return n % 6 === 5 ? { value } : { key: Buffer.from(`web-shop/t${n % TARGETS}`), value };
});

/** The commands in order, one in a hundred of them repeated at once, and garbage strewn between. */
const traffic = commands.flatMap((command, n): Published[] => {
  const record = recordOf(command);
  if (n % 100 === 50) return [record, record];
  if (n % 100 === 99) return [record, garbage[(n - 99) / 100] as Published];
  return [record];
});

(brokers ? describe : describe.skip)(
  '3,000 commands published to Kafka by another client, some repeated, some garbage',
  () => {
    let database: Awaited<ReturnType<typeof createTestDatabase>>;
    let service: Replica;
    let outcomes: TopicRecord[];
    let log: LoggedEvent[];

    const get = async (path: string, accept = 'application/json'): Promise<string> => {
      const response = await fetchAsDocumented(`${service.url}/api/v1${path}`, {
        headers: { authorization: `Bearer ${TOKEN}`, accept },
      });
      return response.text();
    };

    beforeAll(async () => {
      database = await createTestDatabase();
      service = await startReplica({
        DATABASE_URL: database.url,
        KAFKA_BROKERS: brokers,
        KAFKA_TOPIC_PREFIX: prefix,
        KAFKA_GROUP_ID: prefix,
        SHIPLOG_ADMIN_TOKEN: TOKEN,
      });
      const producer = new Producer({
        clientId: 'pipelines',
        bootstrapBrokers: brokers.split(','),
        autocreateTopics: false,
      });
      for (let from = 0; from < traffic.length; from += 500) {
        const messages = traffic
          .slice(from, from + 500)
          .map((record) => ({ topic: `${prefix}commands`, timestamp: LONG_AGO, ...record }));
        await producer.send({ messages, acks: -1 });
      }
      await producer.close();
      const waiting = new Set<string>(commands.map(({ commandId }) => commandId));
      outcomes = await readTopic(brokers, `${prefix}outcomes`, (all) => {
        waiting.delete((JSON.parse(String(all.at(-1)?.value)) as { commandId: string }).commandId);
        return waiting.size === 0;
      });
      log = (await get('/events', 'application/x-ndjson'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as LoggedEvent);
    }, 120_000);

    afterAll(async () => {
      const code = await stopReplica(service, 'SIGTERM');
      await database.drop();
      expect(code).toBe(0);
    }, 30_000);

    it('gives each of them exactly one outcome', () => {
      const ids = outcomes.map(({ value }) => (JSON.parse(String(value)) as { commandId: string }).commandId);
      expect([...ids].sort()).toEqual(commands.map(({ commandId }) => commandId).sort());
    });

    it('has them happen when they reached the topic, whatever the clock of their sender shows', () => {
      expect(log.filter(({ occurredAt }) => Date.parse(occurredAt) < BEGAN)).toEqual([]);
    });

    it('decides the commands of a key in the order of their offsets', () => {
      const decided = groupBy(log, ({ target }) => target);
      for (const [target, sent] of groupBy(commands, (command) => command.target)) {
        const order = [...new Set(decided.get(target)?.map(({ commandId }) => commandId))];
        expect(order).toEqual(sent.map(({ commandId }) => commandId));
      }
    });

    it('puts every record of garbage on the dead-letter topic, with its bytes, the reason, the partition and the offset', async () => {
      // A producer that tries again may have sent a record twice: what lies on the topic is what there is to judge.
      const sent = await readWholeTopic(brokers, `${prefix}commands`);
      const values = garbage.map(({ value }) => value.toString('hex'));
      const isGarbage = new Set(values);
      const due = new Map(
        sent
          .map(({ partition, offset, value }) => [`${partition} ${offset}`, value?.toString('hex') ?? ''] as const)
          .filter(([, hex]) => isGarbage.has(hex)),
      );
      expect(due.size).toBeGreaterThanOrEqual(values.length);
      const placeOf = ({ headers }: TopicRecord): string =>
        `${headers['shiplog-partition']} ${headers['shiplog-offset']}`;
      const isThere = (all: readonly TopicRecord[]): boolean => new Set(all.map(placeOf)).size >= due.size;
      const letters = await readTopic(brokers, `${prefix}commands.dead`, isThere);
      // Where the group was joined anew, some come twice.
      const dead = [...new Map(letters.map((letter) => [placeOf(letter), letter])).values()];
      expect(new Map(dead.map((letter) => [placeOf(letter), letter.value?.toString('hex') ?? '']))).toEqual(due);
      for (const { headers } of dead) {
        expect(headers['shiplog-reason']).toMatch(/\w+/);
        expect(headers['shiplog-topic']).toBe(`${prefix}commands`);
        expect(headers['shiplog-partition']).toMatch(/^\d+$/);
        expect(headers['shiplog-offset']).toMatch(/^\d+$/);
      }
    }, 60_000);

    it('shows on the topic what GET /events shows, in order per key', async () => {
      const published = await readTopic(brokers, `${prefix}events`, (all) => all.length >= log.length);
      const onTopic = published.map(({ key, value, headers }) => ({
        key: String(key),
        id: headers['ce_id'],
        version: Number(headers['ce_streamversion']),
        commandId: headers['ce_causationid'],
        data: JSON.parse(String(value)) as unknown,
      }));
      const inLog = log.map(({ target, id, version, commandId, data }) => ({
        key: `web-shop/${target}`,
        id,
        version,
        commandId,
        data,
      }));
      const byKey = (events: typeof onTopic): unknown =>
        Object.fromEntries([...groupBy(events, ({ key }) => key)].sort());
      expect(byKey(onTopic)).toEqual(byKey(inLog as typeof onTopic));
    }, 60_000);
  },
);
