import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRunning, pidIn } from './process.js';

const script = 'tools/start.mjs';

/** Takes the data directory for this process, and gives it back by the answer; throws when another one has it. */
export const takeDataDir = (dataDir: string): (() => void) => {
  mkdirSync(dataDir, { recursive: true });
  const pidFile = join(dataDir, 'service.pid');
  const pid = pidIn(pidFile);
  if (pid !== process.pid && isRunning(pid, script)) {
    throw new Error(
      `Shiplog already runs on ${resolve(dataDir)} (process ${pid}); SHIPLOG_DATA_DIR chooses another one.`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return () => rmSync(pidFile, { force: true });
};
