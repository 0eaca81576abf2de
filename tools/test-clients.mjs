import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(root, 'test/clients');
const environment = join(root, '.build/clients');
const python = join(environment, 'bin/python');
const TOKEN = 'the-token-of-the-clients';
const START_MS = 120_000;

const run = (command, ...args) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`);
};

/** Makes the virtual environment, unless it holds what is asked for. */
const prepare = () => {
  const [wanted, kept] = [join(tests, 'requirements.txt'), join(environment, 'requirements.txt')];
  if (existsSync(kept) && readFileSync(kept, 'utf8') === readFileSync(wanted, 'utf8')) return;
  run(process.env.PYTHON ?? 'python3', '-m', 'venv', '--clear', environment);
  run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', wanted);
  copyFileSync(wanted, kept);
};

/** The service on a data directory of its own; resolves with where it listens. */
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

const ended = (child) =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve));

const test = async () => {
  installIfChanged();
  buildIfChanged();
  prepare();
  const dataDir = mkdtempSync(join(tmpdir(), 'shiplog-clients-'));
  const { service, url } = start(dataDir);
  try {
    const env = { ...process.env, SHIPLOG_URL: await url, SHIPLOG_TOKEN: TOKEN };
    const discover = ['-m', 'unittest', 'discover', '--start-directory', tests, '--pattern', '*_test.py'];
    return await ended(spawn(python, [...discover, ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' }));
  } finally {
    service.kill('SIGINT');
    await ended(service);
    rmSync(dataDir, { recursive: true, force: true });
  }
};

try {
  process.exitCode = await test();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
