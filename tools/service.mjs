import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const START_MS = 120_000;

const start = async (dataDir, more) => {
  const { freePort } = await import('../dist/tools/local/process.js');
  // Its first token is one that it makes itself.
  const { SHIPLOG_ADMIN_TOKEN: _, ...env } = process.env;
  const ports = { PORT: '0', KAFKA_PORT: String(await freePort()) };
  const service = spawn('npm', ['start'], {
    cwd: root,
    env: { ...env, ...ports, SHIPLOG_DATA_DIR: dataDir, ...more },
    // A group of its own, as a terminal gives it one, so that all of it can be interrupted.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const greeted = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`The service did not start:\n${output}`)), START_MS);
    const look = (chunk) => {
      output += chunk;
      const [, url, token] = /listens on (\S+)\s+token +(\S+)/.exec(output) ?? [];
      if (!output.includes('Ctrl-C')) return;
      clearTimeout(late);
      resolve({ url, token });
    };
    service.stdout.on('data', look);
    service.stderr.on('data', look);
    service.once('exit', () => reject(new Error(`The service ended:\n${output}`)));
  });
  return { service, greeted };
};

/** Resolves with the exit code of a process. */
export const ended = (child) =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve));

/** Runs `work` with the address and the first token of a service that `npm start` started, on a data directory of its own; `more` are variables. */
export const withService = async (work, more = {}) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'shiplog-service-'));
  // PostgreSQL may run as another account.
  chmodSync(dataDir, 0o755);
  const { service, greeted } = await start(dataDir, more);
  try {
    return await work(await greeted);
  } finally {
    if (service.pid && service.exitCode === null) process.kill(-service.pid, 'SIGINT');
    await ended(service);
    rmSync(dataDir, { recursive: true, force: true });
  }
};
