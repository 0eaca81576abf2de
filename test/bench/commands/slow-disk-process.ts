import { startScratch } from '../../../tools/local/scratch.js';
import { serve } from '../frame/peer.js';

/** A PostgreSQL of its own in the environment of this process. */
const open = async () => {
  const { databaseUrl, stop } = await startScratch({ kafka: false, durable: true });
  return { url: async () => databaseUrl, close: stop };
};

export type ServerMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve(open);
