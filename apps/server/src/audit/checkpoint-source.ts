import { presentCheckpoint } from '#contracts';
import type { EventStore, Pool } from '#event-store';
import type { CheckpointSource } from '#kafka';
import { checkpointsAfter, newestCheckpoint } from './audit-tables.js';

/** The signed checkpoints, as the topic gets them. */
export const checkpointSource = (store: Pick<EventStore, 'head'>, pool: Pool): CheckpointSource => ({
  async after(size, limit) {
    const checkpoints = await checkpointsAfter(pool, size, limit);
    return checkpoints.map((checkpoint) => presentCheckpoint(checkpoint));
  },
  async end() {
    const { storeId } = await store.head();
    return { storeId, position: (await newestCheckpoint(pool))?.size ?? 0 };
  },
});
