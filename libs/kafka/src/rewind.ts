import { inTransaction, moveCheckpoint, readCheckpoint, type Pool } from '#event-store';
import { publishingOf } from './publisher.js';

export type Rewound = Readonly<{ topic: string; from: number; position: number }>;

/**
 * Has a topic published again from behind the position, beside a running service: whoever publishes it is deposed, and the next
 * term begins there. Throws where the topic was never published, or not yet so far.
 */
export const rewind = (database: Pool, topic: string, position: number): Promise<Rewound> =>
  inTransaction(database, async (tx) => {
    const name = publishingOf(topic);
    // As a publisher that advances takes them: the lease first.
    const { rowCount } = await tx.query(
      `update leases set holder = 'rewind', epoch = epoch + 1, expires_at = '-infinity' where name = $1`,
      [name],
    );
    if (rowCount === 0) throw new Error(`${topic} was never published from this database.`);
    const from = await readCheckpoint(tx, name);
    if (position > from) throw new Error(`${topic} is published up to ${from}: it can go back, not on to ${position}.`);
    await moveCheckpoint(tx, name, position);
    return { topic, from, position };
  });
