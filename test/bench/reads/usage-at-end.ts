import { writeSync } from 'node:fs';

import { peakMegabytes } from '../../support/memory.js';

/** What the process has used, for the parent that reads its fourth stream: once it has ended, nobody can ask. */
export type Used = Readonly<{ processorSeconds: number; megabytes?: number | undefined }>;

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const used: Used = { processorSeconds: (user + system) / 1_000_000, megabytes: peakMegabytes(process.pid) };
  writeSync(3, JSON.stringify(used));
});
