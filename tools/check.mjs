import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installIfChanged } from './install.mjs';
import { jestEnvironment, jestWith } from './jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const of = (path) => join(root, 'node_modules', path);

const checks = {
  'unit tests': jestWith('--selectProjects', 'unit', '--silent'),
  format: [of('prettier/bin/prettier.cjs'), '--check', '--cache', '--cache-strategy=content', '--log-level=warn', '.'],
  'types and lint': [of('oxlint/bin/oxlint'), '--type-aware', '--type-check', '--deny-warnings'],
  dependencies: [
    of('dependency-cruiser/bin/dependency-cruise.mjs'),
    ...['--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test', 'tools'],
  ],
};

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const run = async ([name, args]) => {
  const began = performance.now();
  let output = '';
  const child = spawn(process.execPath, args, { cwd: root, env: jestEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(began)})`);
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
};

// All of them, or those that are named.
const asked = process.argv.slice(2);
const chosen = Object.entries(checks).filter(([name]) => asked.length === 0 || asked.includes(name));
if (chosen.length < asked.length) throw new Error(`There are the checks ${Object.keys(checks).join(', ')}.`);
installIfChanged();
const began = performance.now();
const passed = await Promise.all(chosen.map(run));
const failed = passed.filter((ok) => !ok).length;
console.log(failed === 0 ? `All checks passed in ${seconds(began)}.` : `${failed} of ${passed.length} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
