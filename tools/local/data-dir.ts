import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRunning, pidIn } from './process.js';

const script = 'tools/start.mjs';

/** Takes the data directory for this process, and gives it back by the answer; throws when another one has it. */
export const takeDataDir = (dataDir: string): (() => void) => {
  mkdirSync(dataDir, { recursive: true });
  const pidFile = join(dataDir, 'service.pid');
  const mine = `${pidFile}.${process.pid}`;
  writeFileSync(mine, `${process.pid}\n`);
  try {
    while (!tryTo(() => linkSync(mine, pidFile), 'EEXIST')) {
      const pid = pidIn(pidFile);
      if (isRunning(pid, script)) {
        throw new Error(
          `Shiplog already runs on ${resolve(dataDir)} (process ${pid}); SHIPLOG_DATA_DIR chooses another one.`,
        );
      }
      clear(pidFile, pid);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => rmSync(pidFile, { force: true });
};

/** Clears away what a killed service left. Several starts may be at it: what proves to be another's goes back. */
const clear = (pidFile: string, left: number): void => {
  const aside = `${pidFile}.${process.pid}.left`;
  if (!tryTo(() => renameSync(pidFile, aside), 'ENOENT')) return;
  if (pidIn(aside) !== left) tryTo(() => linkSync(aside, pidFile), 'EEXIST');
  rmSync(aside, { force: true });
};

/** Whether it worked; false where it failed with this code. */
const tryTo = (work: () => void, code: string): boolean => {
  try {
    work();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return false;
  }
};
