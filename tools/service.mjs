import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const TOKEN = 'the-token-of-the-clients';
const START_MS = 120_000;

const start = (dataDir) => {
  const env = {
    ...process.env,
    PORT: '0',
    KAFKA_BROKERS: 'none',
    SHIPLOG_DATA_DIR: dataDir,
    SHIPLOG_ADMIN_TOKEN: TOKEN,
  };
  const service = spawn(process.execPath, [join(root, 'dist/tools/local/run.js')], { cwd: root, env });
  let output = '';
  const url = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`The service did not start:\n${output}`)), START_MS);
    const look = (chunk) => {
      output += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
      if (!found) return;
      clearTimeout(late);
      resolve(found[0]);
    };
    service.stdout.on('data', look);
    service.stderr.on('data', look);
    service.once('exit', () => reject(new Error(`The service ended:\n${output}`)));
  });
  return { service, url };
};

/** Resolves with the exit code of a process. */
export const ended = (child) =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve));

/** Runs `work` with the address and a token of a built service without Kafka, on a data directory of its own. */
export const withService = async (work) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'shiplog-service-'));
  const { service, url } = start(dataDir);
  try {
    return await work({ url: await url, token: TOKEN });
  } finally {
    service.kill('SIGINT');
    await ended(service);
    rmSync(dataDir, { recursive: true, force: true });
  }
};
