import type { Kafka } from 'kafkajs';
import type { Feed } from './feed.js';
import type { LostTails, TopicEnds } from './topic-ends.js';
import { headersBefore, marksOf } from './topic-reader.js';

/** The partitions that end below what the broker had acknowledged. Retention moves only their beginning, and is no loss. */
export async function findLostTails(kafka: Kafka, topic: string, ends: TopicEnds): Promise<LostTails> {
  const marks = await marksOf(kafka, topic);
  return ends.lostAt(new Map([...marks].map(([partition, { high }]) => [partition, high])));
}

/**
 * The lowest position that the last records left in these partitions bear: what follows it may be missing. 0 where one of
 * them is empty, its last record is none of ours, or compaction took that.
 */
export async function positionBefore(kafka: Kafka, feed: Feed, lost: LostTails): Promise<number> {
  const marks = await marksOf(kafka, feed.topic);
  const emptied = [...lost].some(([partition, offset]) => offset <= (marks.get(partition)?.low ?? 0));
  if (emptied) return 0;
  const headers = await headersBefore(kafka, feed.topic, lost);
  return Math.min(...[...lost.keys()].map((partition) => feed.positionOf(headers.get(partition) ?? {}) ?? 0));
}
