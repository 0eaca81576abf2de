import { randomUUID } from 'node:crypto';
import { createLogger } from '#runtime';
import { describe, expect, it } from '@jest/globals';
import { kafkaClient } from './kafka-client.js';
import { ensureTopics, topicNames } from './topics.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('topics', () => {
  const ensured = (prefix: string) =>
    ensureTopics(
      kafkaClient({ brokers: brokers!.split(','), topicPrefix: prefix, log: createLogger({ level: 'silent' }) }),
      prefix,
    );

  it('are made while the broker is making others, by several at once', async () => {
    const prefixes = Array.from({ length: 6 }, () => `test-${randomUUID()}.`);
    const made = await Promise.all([...prefixes, ...prefixes].map(ensured));
    for (const [place, partitions] of made.entries()) {
      const names = Object.values(topicNames(prefixes[place % prefixes.length]!));
      expect(Object.fromEntries(partitions)).toEqual(Object.fromEntries(names.map((name) => [name, 12])));
    }
  }, 60_000);
});
