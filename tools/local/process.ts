import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Runs a program to its end and gives its output; rejects, with its last words, when it does not exit with 0. */
export const run = promisify(execFile);

const commandLineOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    if (process.platform === 'linux') return '';
    return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
};

/** Whether a process lives whose command line has `mark` in it: a pid alone may belong to another one by now. */
export const isRunning = (pid: number, mark: string): boolean => pid > 0 && commandLineOf(pid).includes(mark);

/** The pid that the first line of a file names; 0 when there is no such file. */
export const pidIn = (file: string): number => {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
};

/** Ends a process with SIGTERM, and with SIGKILL when it is still there after `graceMs`. */
export const end = async (pid: number, mark: string, graceMs = 20_000): Promise<void> => {
  const deadline = Date.now() + graceMs;
  if (isRunning(pid, mark)) process.kill(pid, 'SIGTERM');
  while (isRunning(pid, mark)) {
    if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
    await sleep(20);
  }
};

/** Resolves, soon, when the process lives no more. */
export const ended = async (pid: number, mark: string): Promise<void> => {
  while (isRunning(pid, mark)) await sleep(500, undefined, { ref: false });
};

/** Binds a port of 127.0.0.1 for a moment, 0 for any free one, and answers which; rejects when it is taken. */
const bind = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: bound } = server.address() as { port: number };
      server.close(() => resolve(bound));
    });
  });

/** Whether a port of 127.0.0.1 can be bound. */
export const isFree = (port: number): Promise<boolean> =>
  bind(port).then(
    () => true,
    () => false,
  );

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export const freePort = (): Promise<number> => bind(0);
