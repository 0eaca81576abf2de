import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTopic } from '../../../test/support/topic.js';
import { kafkaClient } from './kafka-client.js';
import { Relay } from './relay.js';
import { CommandsTopic, deployments } from './testing/commands-topic.js';
import { harness, type Harness } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;
const HOURS = 3_600_000;

withKafka('a process whose clock is two hours ahead of the broker', () => {
  const { now } = Date;
  let h: Harness;
  let topic: CommandsTopic;
  let relay: Relay;
  beforeAll(async () => {
    h = await harness(brokers!);
    topic = new CommandsTopic(h);
    await h.topics().ready();
    await topic.send([...deployments('skewed', 3), { key: 'web-shop/skewed', value: 'no command' }]);
    Date.now = () => now() + 2 * HOURS;
    relay = new Relay(h.store, h.names, {
      kafka: kafkaClient(h.kafka),
      topics: h.topics(),
      database: h.database,
      log: h.log,
    });
    relay.start();
    topic.start();
  }, 60_000);
  afterAll(async () => {
    Date.now = now;
    await Promise.all([topic?.stop(), relay?.stop()]);
    await h?.end();
  }, 30_000);

  it('publishes events and outcomes, and posts dead letters', async () => {
    await topic.handled();
    const read = (name: 'events' | 'outcomes' | 'dead', count: number) =>
      readTopic(brokers!, h.names[name], (records) => records.length === count, 20_000);
    // The target, two deployments, and the first of them superseded by the second.
    expect(await read('events', 4)).toHaveLength(4);
    expect(await read('outcomes', 3)).toHaveLength(3);
    expect(await read('dead', 1)).toHaveLength(1);
  }, 60_000);
});
