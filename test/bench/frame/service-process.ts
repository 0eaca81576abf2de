import { createLogger, loadConfig } from '#runtime';

import { startServer } from '../../../apps/server/src/server.js';
import { serve } from './peer.js';

serve(async () => {
  const { url, close } = await startServer(loadConfig(process.env), createLogger({ level: 'warn' }));
  return { url: async () => url, close };
});
