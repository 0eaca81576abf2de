import type { TopicRecord } from '../checkers/index.js';
import type { World } from './world.js';

/** A topic's records, as one who reads all of it has them. */
export const recordsOf = ({ broker }: World, topic: string): TopicRecord[] =>
  (broker.topics.get(topic) ?? []).flatMap(({ records }, partition) =>
    records.map(({ offset, key, value, headers }) => ({
      ...{ partition, offset, key: String(key), value: value === null ? null : String(value) },
      ...{ id: String(headers['ce_id']), place: Number(String(headers['ce_sequence'])) },
    })),
  );
