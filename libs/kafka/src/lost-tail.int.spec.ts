import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { newId } from '#runtime';
import { kafkaClient } from './kafka-client.js';
import { positionOf } from './feeds.js';
import { positionBefore } from './lost-tail.js';
import { harness, type Harness } from './testing/harness.js';
import { headersBefore, marksOf } from './topic-reader.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

/** The marker that ends a transaction has an offset and is no record: to a reader it is as what compaction took. */
withKafka('a partition whose last offsets hold no record', () => {
  let h: Harness;
  let kafka: Kafka;
  let topic: string;
  let marker: number;
  beforeAll(async () => {
    h = await harness(brokers!);
    kafka = kafkaClient(h.kafka);
    topic = h.names.current;
    await h.topics().ready();
    await publish(7);
    marker = await markerBehind(0);
  }, 60_000);
  afterAll(() => h?.end());

  /** A record that bears the position, alone in its transaction. */
  async function publish(position: number): Promise<void> {
    const producer = kafka.producer({ transactionalId: newId(), idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    const headers = { ce_sequence: String(position) };
    await transaction.send({ topic, messages: [{ partition: 0, key: 'k', value: 'v', headers }] });
    await transaction.commit();
    await producer.disconnect();
  }
  /** The broker answers a commit before it has written the marker behind the record. */
  async function markerBehind(record: number): Promise<number> {
    for (;;) {
      const { high } = (await marksOf(kafka, topic)).get(0)!;
      if (high > record + 1) return record + 1;
    }
  }
  const before = (offset: number) => headersBefore(kafka, topic, new Map([[0, offset]]), 8_000);
  const feed = () => ({ topic, positionOf, next: async () => null, end: async () => ({ storeId: 's', position: 9 }) });

  it('is found by the record before an offset where there is one', async () => {
    expect([...(await before(marker)).keys()]).toEqual([0]);
    expect(await positionBefore(kafka, feed(), new Map([[0, marker]]))).toBe(7);
  }, 30_000);

  it('is left out where nothing follows', async () => {
    expect(await before(marker + 1)).toEqual(new Map());
  }, 30_000);

  it('is published from the beginning, as soon as a record that follows shows that none is left', async () => {
    await publish(9);
    const started = performance.now();
    expect(await positionBefore(kafka, feed(), new Map([[0, marker + 1]]))).toBe(0);
    expect(performance.now() - started).toBeLessThan(15_000);
  }, 30_000);
});
