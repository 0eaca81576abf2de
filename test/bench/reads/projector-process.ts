import { createPool, EventStore } from '#event-store';
import { ProjectionRunner, viewNames } from '#projections';
import { createLogger, keepHeapSmall } from '#runtime';

import { serve } from '../frame/peer.js';

const PATIENCE_MS = 600_000;

/** The role that keeps the views, and nothing else. */
const open = async (connectionString: string) => {
  keepHeapSmall();
  const store = await EventStore.open({ connectionString });
  const pool = createPool({ connectionString, max: viewNames.length + 2 });
  const log = createLogger({ level: 'warn' });
  let runner: ProjectionRunner | undefined;
  const methods = {
    /** Does nothing where they are at work. */
    async start(): Promise<void> {
      if (runner) return;
      runner = new ProjectionRunner({ store, pool, log });
      await runner.start();
    },
    async stop(): Promise<void> {
      await runner?.stop();
      runner = undefined;
    },
    /** How many seconds all views need to reach the event that is the last one now. */
    async catchUp(): Promise<number> {
      const began = performance.now();
      const { position } = await store.head();
      if (!(await runner!.waitForPosition(viewNames, position, PATIENCE_MS))) throw new Error('The views stand still.');
      return (performance.now() - began) / 1_000;
    },
    async close(): Promise<void> {
      await methods.stop();
      await pool.end();
      await store.close();
    },
  };
  return methods;
};

export type ProjectorMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((connectionString) => open(connectionString!));
