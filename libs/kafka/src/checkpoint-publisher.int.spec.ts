import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PresentedCheckpoint } from '#contracts';
import { readTopic, type TopicRecord } from '../../../test/support/topic.js';
import { until } from '../../../test/support/until.js';
import { CheckpointPublisher, type CheckpointSource } from './checkpoint-publisher.js';
import { kafkaClient } from './kafka-client.js';
import { harness, type Harness } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('signed checkpoints on their topic', () => {
  let h: Harness;
  const running: CheckpointPublisher[] = [];
  const signed: PresentedCheckpoint[] = [];
  beforeAll(async () => {
    h = await harness(brokers!);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((publisher) => publisher.stop()));
  }, 20_000);
  afterAll(() => h?.end());

  const sign = (size: number): void => {
    const root = Buffer.alloc(32, size).toString('base64');
    const time = '2026-11-20T10:05:00.123456Z';
    signed.push({ size, root, time, keyId: '2e571a0b', note: `urn:shiplog:x\n${size}\n${root}\n\n— x y\n` });
  };
  const source: CheckpointSource = {
    after: async (size, limit) => signed.filter((each) => each.size > size).slice(0, limit),
    end: async () => ({ storeId: (await h.store.head()).storeId, position: signed.at(-1)?.size ?? 0 }),
  };
  const publisher = (): CheckpointPublisher => {
    const parts = { kafka: kafkaClient(h.kafka), topics: h.topics(), database: h.database, log: h.log };
    const made = new CheckpointPublisher(source, h.names.checkpoints, parts);
    running.push(made);
    made.start();
    return made;
  };
  const published = (made: CheckpointPublisher): Promise<unknown> =>
    until(
      () => made.status().position === signed.at(-1)!.size,
      () => made.status(),
    );
  const records = (): Promise<TopicRecord[]> =>
    readTopic(brokers!, h.names.checkpoints, ({ length }) => length >= signed.length);

  it('are there in the order of their sizes, under one key, as they were signed', async () => {
    for (const size of [3, 10, 1_000]) sign(size);
    await published(publisher());
    const { storeId } = await h.store.head();
    const found = await records();
    expect(found.map(({ value }) => JSON.parse(String(value)))).toEqual(signed);
    expect(new Set(found.map(({ key }) => String(key)))).toEqual(new Set([`urn:shiplog:${storeId}`]));
    expect(found.map(({ headers }) => headers['ce_id'])).toEqual(
      signed.map(({ size }) => `${storeId}/checkpoints/${size}`),
    );
  });

  it('go on behind the last one, by whichever process publishes next', async () => {
    sign(1_007);
    await published(publisher());
    sign(2_007);
    await published(running[0]!);
    expect((await records()).map(({ value }) => JSON.parse(String(value)).size)).toEqual([3, 10, 1_000, 1_007, 2_007]);
  });

  it('are not published over a history that was signed before as another', async () => {
    const before = signed.splice(-2);
    await h.database.query('delete from topic_ends where topic = $1', [h.names.checkpoints]);
    await h.database.query("update checkpoints set position = 1000 where name like '%checkpoints%'");
    const anew = { ...before[0]!, size: before[1]!.size, time: '2026-11-21T10:05:00.123456Z' };
    signed.push(anew, { ...anew, size: 3_000 });
    const made = publisher();
    await until(
      () => made.status().state === 'halted',
      () => made.status(),
    );
    expect(made.status().reason).toContain('ends with position 2007, which the log has not');
    await made.stop();
    signed.splice(-2, 2, ...before);
    expect(await records()).toHaveLength(5);
  });

  it('are kept for ever', async () => {
    const admin = kafkaClient(h.kafka).admin();
    await admin.connect();
    const resources = [{ type: 2, name: h.names.checkpoints, configNames: ['retention.ms'] }];
    const [described] = (await admin.describeConfigs({ includeSynonyms: false, resources })).resources;
    await admin.disconnect();
    expect(described?.configEntries[0]?.configValue).toBe('-1');
  });
});
