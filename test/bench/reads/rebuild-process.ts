import { createPool, EventStore } from '#event-store';
import { projections, rebuild, type ViewName } from '#projections';
import { keepHeapSmall } from '#runtime';

import { serve } from '../frame/peer.js';

/** What `npm run projections -- rebuild` does, and nothing else. */
const open = async (connectionString: string) => {
  keepHeapSmall();
  const log = await EventStore.open({ connectionString });
  const pool = createPool({ connectionString, max: 2, statementTimeoutMs: 3_600_000 });
  return {
    /** Events a second. */
    async rebuild(view: ViewName): Promise<number> {
      const began = performance.now();
      const position = await rebuild(
        projections.find(({ name }) => name === view)!,
        { pool, log },
      );
      return (1_000 * position) / (performance.now() - began);
    },
    async close(): Promise<void> {
      await Promise.all([pool.end(), log.close()]);
    },
  };
};

export type RebuildMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((connectionString) => open(connectionString!));
