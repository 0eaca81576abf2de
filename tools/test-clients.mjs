import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';
import { virtualEnvironment } from './python.mjs';
import { ended, withService } from './service.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(root, 'test/clients');

const test = async () => {
  installIfChanged();
  buildIfChanged();
  const bin = virtualEnvironment(join(root, '.build/clients'), join(tests, 'requirements.txt'));
  return withService(({ url, token }) => {
    const env = { ...process.env, SHIPLOG_URL: url, SHIPLOG_TOKEN: token };
    const discover = ['-m', 'unittest', 'discover', '--start-directory', tests, '--pattern', '*_test.py'];
    const args = [...discover, ...process.argv.slice(2)];
    return ended(spawn(join(bin, 'python'), args, { cwd: root, env, stdio: 'inherit' }));
  });
};

try {
  process.exitCode = await test();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
