import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTopic } from '../../../test/support/topic.js';
import { until } from '../../../test/support/until.js';
import { freePort } from '../../../tools/local/process.js';
import { startKafka } from '../../../tools/local/kafka.js';
import { Inbox } from './inbox.js';
import { kafkaClient } from './kafka-client.js';
import { Relay } from './relay.js';
import { harness, type Harness, type Sent } from './testing/harness.js';

const withKafka = process.env['TEST_KAFKA_BROKERS'] ? describe : describe.skip;

withKafka('a broker that is killed and comes back', () => {
  const home = mkdtempSync(join(tmpdir(), 'shiplog-kafka-'));
  let port: number;
  let h: Harness;
  let inbox: Inbox;
  let relay: Relay;
  let stopBroker: () => Promise<unknown>;

  const startBroker = async (): Promise<void> => {
    const broker = await startKafka(home, port);
    if ('missing' in broker) throw new Error(broker.missing);
    stopBroker = async () => broker.stop();
  };
  const killBroker = (): void => {
    process.kill(Number(readFileSync(join(home, 'kafka', 'kafka.pid'), 'utf8')), 'SIGKILL');
  };
  beforeAll(async () => {
    port = await freePort();
    await startBroker();
    h = await harness(`127.0.0.1:${port}`);
    const { kafka, groupId, queue, actors, store, database, log } = h;
    inbox = new Inbox({
      client: () => kafkaClient(kafka),
      topicPrefix: kafka.topicPrefix,
      log,
      groupId,
      rights: { projects: '*', trustActor: false },
      waist: { queue, actors },
      store,
      database,
      topics: h.topics(),
    });
    relay = new Relay(store, h.names, { kafka: kafkaClient(kafka), topics: h.topics(), database, log });
    inbox.start();
    relay.start();
  }, 120_000);
  afterAll(async () => {
    await Promise.all([inbox?.stop(), relay?.stop()]);
    await h?.end();
    await stopBroker?.();
    rmSync(home, { recursive: true, force: true });
  }, 60_000);

  const command = (type: string, i: number): Sent => ({
    key: `shop/t${i % 5}`,
    value: JSON.stringify({
      type,
      commandId: `${type}-${i}`,
      project: 'shop',
      target: `t${i % 5}`,
      data: type === 'CreateTarget' ? {} : { version: `1.${i}` },
    }),
  });
  const commands = (type: string, from: number, to: number): Sent[] =>
    Array.from({ length: to - from }, (_, i) => command(type, from + i));
  const outcomes = async (): Promise<number> => (await h.store.head()).seq;

  it('finds every command decided once and in order, and every event published without a gap', async () => {
    await until(
      () => inbox.status().state === 'consuming',
      () => inbox.status(),
    );
    await h.produce(h.names.commands, commands('CreateTarget', 0, 5));
    for (let round = 0; round < 2; round += 1) {
      await h.produce(h.names.commands, commands('FinishDeployment', round * 100, (round + 1) * 100));
      killBroker();
      await until(
        () => relay.status().events.state === 'retrying' || inbox.status().state === 'retrying',
        () => [relay.status(), inbox.status()],
        60_000,
      );
      await startBroker();
      await until(
        async () => (await outcomes()) >= 5 + (round + 1) * 100,
        () => inbox.status(),
        60_000,
      );
    }
    const { position } = await h.store.head();
    await until(
      () => relay.status().events.position >= position,
      () => relay.status(),
      60_000,
    );

    expect(await outcomes()).toBe(205);
    for (const target of [0, 1, 2, 3, 4]) {
      const versions = (await h.store.readStream(`target:shop/t${target}`, { limit: 1_000 }))
        .filter(({ type }) => type === 'DeploymentFinished')
        .map(({ data }) => JSON.parse(data).version);
      expect(versions).toEqual(Array.from({ length: 40 }, (_, i) => `1.${i * 5 + target}`));
    }
    const seen = new Map<string, number>();
    const records = await readTopic(
      h.brokers,
      h.names.events,
      (found) => new Set(found.map(({ headers }) => headers['ce_id'])).size >= position,
    );
    for (const { key, headers } of records) {
      const version = Number(headers['ce_streamversion']);
      expect(version).toBeLessThanOrEqual(1 + (seen.get(String(key)) ?? 0));
      seen.set(String(key), Math.max(version, seen.get(String(key)) ?? 0));
    }
    expect(inbox.status().deadLetters).toBe(0);
  }, 240_000);
});
