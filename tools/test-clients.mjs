import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';
import { jestEnvironment, jestWith } from './jest.mjs';
import { virtualEnvironment } from './python.mjs';
import { ended, withService } from './service.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(root, 'test/clients');

const run = (program, args, env) =>
  ended(spawn(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' }));

const python = ({ url, token }) => {
  const bin = virtualEnvironment(join(root, '.build/clients'), join(tests, 'requirements.txt'));
  const args = ['-m', 'unittest', 'discover', '--start-directory', tests, '--pattern', '*_test.py'];
  return run(join(bin, 'python'), args, { SHIPLOG_URL: url, SHIPLOG_TOKEN: token });
};

/** The stories of clients for Node, and of recorded ones, which `npm test` tells to a service within the test. */
const node = ({ url, token }) => {
  const env = { TEST_SERVICE_URL: url, TEST_SERVICE_TOKEN: token };
  const chosen = ['--selectProjects', 'int', '--testPathPatterns', '\\.client\\.int\\.spec\\.ts$'];
  return run(process.execPath, jestWith('--maxWorkers=2', ...chosen), jestEnvironment(env));
};

const stories = async (service) => {
  const codes = [await python(service), await node(service)];
  return codes.some((code) => code !== 0) ? 1 : 0;
};

const test = async () => {
  const options = { url: { type: 'string' }, token: { type: 'string' } };
  const { url, token } = parseArgs({ options }).values;
  if ((url === undefined) !== (token === undefined))
    throw new Error('--url and --token are given together, or neither.');
  installIfChanged();
  if (url !== undefined) return stories({ url: url.replace(/\/+$/, ''), token });
  buildIfChanged();
  return withService(stories);
};

try {
  process.exitCode = await test();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
