import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kind } from './plan.js';

/** A fault of the service itself: what its code says, what it would say then, what brings it to light, and as what. */
export type Mutant = Readonly<{
  name: string;
  file: string;
  from: string;
  to: string;
  only: readonly Kind[];
  invariant: string;
}>;

/** Those that only processes, connections and disks can show. */
export const mutants: readonly Mutant[] = [
  {
    name: 'a pool without a handler of errors',
    file: 'libs/event-store/src/pool.js',
    from: "pool.on('error', ignore);",
    to: '',
    only: ['postgres-terminate'],
    invariant: 'X1',
  },
  {
    name: 'an answer before the commit is on disk',
    file: 'libs/event-store/src/lane.js',
    from: 'client.query(durable)',
    to: "client.query('set synchronous_commit = off')",
    only: ['postgres-crash'],
    // Readers have seen what is gone then.
    invariant: 'S4',
  },
  {
    name: 'pools that SIGTERM closes first',
    file: 'apps/server/src/server.js',
    from: 'await stopInStages(stages,',
    to: 'await stopInStages([stages.pop(), ...stages],',
    only: ['rolling'],
    invariant: 'X8',
  },
];

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The built service with the mutant in it, beside the real one: the product itself knows of no switch. */
export function distWith({ name, file, from, to }: Mutant): string {
  const folder = join(root, 'node_modules/.cache/shiplog-mutants', name.replaceAll(' ', '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  const path = join(folder, 'dist', file);
  const code = readFileSync(path, 'utf8');
  if (code.split(from).length !== 2) throw new Error(`${file} does not have ${from} once: the mutant is out of date.`);
  writeFileSync(path, code.replace(from, to));
  return join(folder, 'dist');
}
