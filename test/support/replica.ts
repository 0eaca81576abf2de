import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pemOf } from '#audit/testing';
import { fileURLToPath } from 'node:url';

const built = fileURLToPath(new URL('../../dist/', import.meta.url));

/** All replicas sign with one. */
export const AUDIT_KEY = pemOf('07'.repeat(32));

/** One running replica of the built service, as a process of its own. */
export type Replica = { readonly url: string; readonly process: ChildProcess; readonly log: readonly string[] };

/** Told of each piece that a process writes to one of its two outputs, byte for byte and as it comes. */
export type Reader = (piece: Buffer, output: 'stdout' | 'stderr') => void;

/** Starts the service as it is built in `dist` with these variables; `listening` rejects with its log when it ends before it says where it listens. */
export const spawnReplica = (
  env: Record<string, string>,
  dist = built,
  read?: Reader,
): { process: ChildProcess; listening: Promise<Replica> } => {
  const child = spawn(process.execPath, [join(dist, 'service/main.js')], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', SHIPLOG_AUDIT_KEY: AUDIT_KEY, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  const listening = new Promise<Replica>((resolve, reject) => {
    const look = (line: string): void => {
      log.push(line);
      if (log.length > 2000) log.shift();
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found) resolve({ url: found[0], process: child, log });
    };
    for (const output of ['stdout', 'stderr'] as const) {
      createInterface({ input: child[output] }).on('line', look);
      if (read) child[output].on('data', (piece: Buffer) => read(piece, output));
    }
    child.once('exit', (code, signal) =>
      reject(new Error(`The service ended with ${code ?? signal}:\n${log.slice(-30).join('\n')}`)),
    );
  });
  return { process: child, listening };
};

/** Starts the built service with these variables and waits until it says where it listens; throws with its log when it ends first. `read` gets all that it writes. */
export const startReplica = (env: Record<string, string>, read?: Reader): Promise<Replica> =>
  spawnReplica(env, built, read).listening;

/** Ends a replica with the signal and answers its exit code (null when the signal killed it). */
export const stopReplica = async (replica: Replica, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
  if (replica.process.exitCode !== null || replica.process.signalCode !== null) return replica.process.exitCode;
  const exited = once(replica.process, 'exit');
  replica.process.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
};
