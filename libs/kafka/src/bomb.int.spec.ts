import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { until } from '../../../test/support/until.js';
import { kafkaClient } from './kafka-client.js';
import { command, CommandsTopic } from './testing/commands-topic.js';
import { harness, type Harness } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('a batch that unpacks to more than there is room for', () => {
  let h: Harness;
  let topic: CommandsTopic;
  beforeAll(async () => {
    h = await harness(brokers!);
    topic = new CommandsTopic(h);
  }, 60_000);
  afterEach(() => topic?.stop(), 20_000);
  afterAll(() => h?.end());

  it('stops the inbox, which says so, until an operator has moved the offset', async () => {
    await topic.send([command('CreateTarget', 'before', { commandId: 'before' })]);
    const inbox = topic.start();
    await topic.handled();
    const producer = kafkaClient(h.kafka).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    const [bomb] = await producer.send({
      topic: h.names.commands,
      compression: kafkajs.CompressionTypes.GZIP,
      messages: [{ partition: 3, value: Buffer.alloc(65 * 1024 * 1024) }],
    });
    await producer.disconnect();
    await until(
      () => inbox.status().reason?.includes('more than 64 MB'),
      () => inbox.status(),
    );
    await h.database.query('update command_offsets set next = $1 where topic = $2 and partition = 3', [
      Number(bomb!.baseOffset) + 1,
      h.names.commands,
    ]);
    await h.produce(h.names.commands, [command('CreateTarget', 'after', { commandId: 'after' })]);
    await until(
      async () => (await topic.outcomes('after')).length === 1,
      () => inbox.status(),
    );
    expect((await topic.outcomes()).map(({ commandId }) => commandId)).toEqual(['before', 'after']);
  }, 90_000);
});
