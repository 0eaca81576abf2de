import { Admin } from '@platformatic/kafka';

import '../../support/with-resolvers.js';
import { clientOf } from '../kafka/topics.js';

export type TopicSize = Readonly<{ topic: string; records: number; bytes: number }>;

/** What topics take on the disk of one broker, as it tells. */
export async function topicSizesOf(broker: string, topics: readonly string[]): Promise<TopicSize[]> {
  const offsets = clientOf(broker).admin();
  const admin = new Admin({ clientId: 'sizes', bootstrapBrokers: [broker] });
  await offsets.connect();
  try {
    const partitions = await Promise.all(topics.map((topic) => offsets.fetchTopicOffsets(topic)));
    const asked = topics.map((name, index) => ({
      name,
      partitions: partitions[index]!.map(({ partition }) => partition),
    }));
    const told = (await admin.describeLogDirs({ topics: asked })).flatMap(({ results }) => results);
    const found = told.flatMap(({ topics: each }) => each);
    return topics.map((topic, index) => ({
      topic,
      records: sum(partitions[index]!.map(({ high, low }) => Number(high) - Number(low))),
      bytes: sum(
        found
          .filter(({ name }) => name === topic)
          .flatMap((each) => each.partitions.map(({ partitionSize }) => Number(partitionSize))),
      ),
    }));
  } finally {
    await Promise.all([offsets.disconnect(), admin.close()]);
  }
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
