import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  API,
  newTarget,
  startTestServer,
  testDatabase,
  unique,
  type TestServer,
} from '../../../test/support/server.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { readTopic } from '../../../test/support/topic.js';
import { createLogger } from '#runtime';
import { operatorName } from './operator.js';
import { runRelay } from './relay.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('a topic that is published again', () => {
  const prefix = `${unique('rewound')}.`;
  let database: TestDatabase;
  let api: TestServer;
  beforeAll(async () => {
    database = await testDatabase();
    const kafka = { KAFKA_BROKERS: brokers!, KAFKA_TOPIC_PREFIX: prefix, KAFKA_GROUP_ID: prefix };
    api = await startTestServer(database, kafka);
    const { path } = await newTarget(api);
    for (const version of ['1', '2']) await api.call(`${path}/finish`, { body: { version } });
  }, 60_000);
  afterAll(async () => {
    await api?.server.close();
    await database?.drop();
  }, 30_000);

  const logged: string[] = [];
  const log = createLogger({ stream: { write: (line) => void logged.push(line) } });
  const rewind = async (...args: string[]): Promise<unknown> => {
    const lines: string[] = [];
    const env = { DATABASE_URL: database.url, KAFKA_TOPIC_PREFIX: prefix };
    await runRelay(['rewind', ...args], env, (line) => lines.push(line), log);
    return JSON.parse(lines.join(''));
  };
  /** The positions on the topic, once there are so many. */
  const published = async (count: number): Promise<number[]> => {
    const records = await readTopic(brokers!, `${prefix}events`, (all) => all.length === count, 30_000);
    return records.map(({ headers }) => Number(headers['ce_sequence']));
  };

  /** Records are on the topic before it is written down that they are. */
  const noted = async (): Promise<void> => {
    const isBehind = ({ name, position }: { name: string; position: number }): boolean =>
      name === 'events' && position < 4;
    while ((await api.call(`${API}/status`)).body.relays.some(isBehind)) await sleep(50);
  };

  it('gets everything behind the position once more, from a service that has nothing else to do', async () => {
    expect(await published(4)).toEqual([1, 2, 3, 4]);
    await noted();
    expect(await rewind('events', '2')).toEqual({ topic: `${prefix}events`, from: 4, position: 2 });
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'info', operator: operatorName(), topic: `${prefix}events`, from: 4, position: 2 },
    ]);
    expect(await published(6)).toEqual([1, 2, 3, 4, 3, 4]);
  }, 60_000);

  it('is not moved on, where records would be left out', async () => {
    await noted();
    await expect(rewind('events', '5')).rejects.toThrow('is published up to 4: it can go back, not on to 5.');
  });

  it.each([[['events']], [['nothing', '0']], [['events', '-1']], [['events', '1', '2']]])(
    'says how to ask for %j',
    async (args) => {
      await expect(rewind(...args)).rejects.toThrow('Usage: npm run relay -- rewind');
    },
  );
});
