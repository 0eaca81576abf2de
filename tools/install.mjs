import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const packagesOf = (lockFile) => {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;
  } catch {
    return {};
  }
};

/** Runs `npm ci`, unless node_modules already holds what package-lock.json asks for. */
export const installIfChanged = () => {
  const wanted = Object.entries(packagesOf('package-lock.json')).filter(([path, { optional }]) => path && !optional);
  const installed = packagesOf('node_modules/.package-lock.json');
  if (wanted.every(([path, { version }]) => installed[path]?.version === version)) return;
  console.log('Installing …');
  const { status } = spawnSync('npm', ['ci'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci failed.');
};
