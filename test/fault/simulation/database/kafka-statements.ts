import { changed, rows } from './answers.js';
import type { Statement } from './tables.js';
import { keyOf } from './upsert.js';

type Pairs = ReadonlyArray<readonly [partition: number, next: number]>;
const pairsOf = (partitions: unknown, next: unknown): Pairs =>
  (partitions as readonly number[]).map((partition, i) => [partition, (next as readonly number[])[i]!] as const);

const SETTLED_MS = 60_000;

/** Where partitions end, written in the place of where they stood before. */
const endsWritten = (next: string, pick: (stood: number, end: number) => number): Record<string, Statement> => ({
  [`insert into topic_ends (topic, partition, next) select $1, * from unnest($2::int[], $3::bigint[])
       on conflict (topic, partition) do update set next = ${next}`]: (tx, [topic, partitions, ends]) => {
    const pairs = pairsOf(partitions, ends);
    for (const [partition, end] of pairs) {
      const key = keyOf(topic, partition);
      const stood = Number(tx.get('topic_ends', key)?.['next'] ?? 0);
      tx.set('topic_ends', key, { topic, partition, next: pick(stood, end) });
    }
    return changed(pairs.length);
  },
});

/** What #kafka keeps: offsets, topics, ends of partitions, what is published again. */
export const kafkaStatements: Readonly<Record<string, Statement>> = {
  'select partition, next from topic_ends where topic = $1': (tx, [topic]) =>
    rows(tx.all('topic_ends').filter((row) => row['topic'] === topic)),

  ...endsWritten('greatest(topic_ends.next, excluded.next)', (stood, end) => Math.max(stood, end)),
  ...endsWritten('excluded.next', (_, end) => end),

  'select partition, next from command_offsets where topic = $1 and partition = any($2::int[])': (
    tx,
    [topic, partitions],
  ) =>
    rows(
      tx
        .all('command_offsets')
        .filter((row) => row['topic'] === topic && (partitions as number[]).includes(row['partition'] as number)),
    ),

  [`insert into command_offsets (topic, partition, next) select $1, * from unnest($2::int[], $3::bigint[])
       on conflict (topic, partition) do update set next = excluded.next, moved_at = clock_timestamp()
       where command_offsets.next < excluded.next`]: (tx, [topic, partitions, next]) => {
    const pairs = pairsOf(partitions, next).filter(
      ([partition, end]) => Number(tx.get('command_offsets', keyOf(topic, partition))?.['next'] ?? -1) < end,
    );
    for (const [partition, end] of pairs)
      tx.set('command_offsets', keyOf(topic, partition), { topic, partition, next: end });
    return changed(pairs.length);
  },

  'insert into kafka_topics (topic, partitions, store_id) values ($1, $2, $3) on conflict (topic) do nothing': (
    tx,
    [topic, partitions, storeId],
  ) => {
    if (tx.get('kafka_topics', String(topic))) return changed(0);
    tx.set('kafka_topics', String(topic), { topic, partitions, store_id: storeId });
    return changed(1);
  },

  'select partitions, store_id from kafka_topics where topic = $1': (tx, [topic]) => {
    const row = tx.get('kafka_topics', String(topic));
    return rows(row ? [row] : []);
  },

  [`insert into current_again (stream, due_at)
       select stream, clock_timestamp() + interval '60 seconds' from (select distinct unnest($1::text[]) as stream) as doubted
       on conflict (stream) do update set due_at = excluded.due_at`]: (tx, [streams]) => {
    const distinct = new Set(streams as string[]);
    const due = new Date(Date.parse(`${tx.now.slice(0, 23)}Z`) + SETTLED_MS).toISOString();
    const due_at = `${due.slice(0, 23)}${tx.now.slice(23)}`;
    for (const stream of distinct) tx.set('current_again', stream, { stream, due_at });
    return changed(distinct.size);
  },

  'select stream, due_at::text as due from current_again where due_at <= clock_timestamp() order by due_at limit $1': (
    tx,
    [limit],
  ) => {
    const due = tx.all('current_again').filter((row) => String(row['due_at']) <= tx.now);
    const sorted = due.toSorted((a, b) => (String(a['due_at']) < String(b['due_at']) ? -1 : 1));
    return rows(sorted.slice(0, Number(limit)).map(({ stream, due_at }) => ({ stream, due: due_at })));
  },

  'delete from current_again where (stream, due_at::text) in (select * from unnest($1::text[], $2::text[]))': (
    tx,
    [streams, dues],
  ) => {
    const gone = (streams as string[]).filter(
      (stream, i) => tx.get('current_again', stream)?.['due_at'] === (dues as string[])[i],
    );
    for (const stream of gone) tx.set('current_again', stream, undefined);
    return changed(gone.length);
  },
};
