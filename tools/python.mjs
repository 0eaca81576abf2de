import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PYTHON = process.env.PYTHON ?? 'python3';

export const hasPython = () => spawnSync(PYTHON, ['-c', 'import venv, ensurepip']).status === 0;

const run = (command, ...args) => {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`);
};

/** Makes a virtual environment with what a file of requirements names, unless it stands already; answers its folder of programs. */
export const virtualEnvironment = (folder, requirements) => {
  const kept = join(folder, 'requirements.txt');
  const bin = join(folder, 'bin');
  if (existsSync(kept) && readFileSync(kept, 'utf8') === readFileSync(requirements, 'utf8')) return bin;
  run(PYTHON, '-m', 'venv', '--clear', folder);
  run(join(bin, 'python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements);
  copyFileSync(requirements, kept);
  return bin;
};
