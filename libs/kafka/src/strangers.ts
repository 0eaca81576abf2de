import type { IHeaders, Kafka } from 'kafkajs';
import type { Feed } from './feed.js';
import { Halted } from './halted.js';
import type { TopicEnds } from './topic-ends.js';
import { headersBefore, marksOf } from './topic-reader.js';

/** Publishing waits for it: what takes longer is begun anew sooner than it would end. */
const READ_MS = 8_000;

/**
 * Throws `Halted` where a partition ends with a record that the log has not: it was published by a log that lost its end since,
 * and the positions that follow would be there twice, as different events. Looked at is what may be new to us.
 */
export async function refuseStrangers(kafka: Kafka, feed: Feed, ends: TopicEnds): Promise<void> {
  if (!feed.verbatim) return;
  const { topic } = feed;
  const filled = [...(await marksOf(kafka, topic))].filter(([, { low, high }]) => high > low);
  const newer = ends.exceededBy(new Map(filled.map(([partition, { high }]) => [partition, high])));
  for (const [partition, headers] of await headersBefore(kafka, topic, newer, READ_MS)) {
    const position = feed.positionOf(headers);
    if (position === undefined || (await has(feed, position, headers))) continue;
    throw new Halted(
      `${topic}/${partition} ends with position ${position}, which the log has not, or not as it was published: it lost events. ` +
        'Restore it, or start over with another KAFKA_TOPIC_PREFIX.',
    );
  }
}

/** No two events of a position were recorded at the same microsecond, and no two checkpoints of a size signed. */
async function has(feed: Feed, position: number, headers: IHeaders): Promise<boolean> {
  const [item] = (await feed.next(position - 1, new AbortController().signal))?.items ?? [];
  const recorded = ({ ce_recordedtime, ce_time }: IHeaders = {}): string => String(ce_recordedtime ?? ce_time);
  return item?.position === position && recorded(item.message.headers) === recorded(headers);
}
