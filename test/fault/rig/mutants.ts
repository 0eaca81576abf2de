import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Violation } from '../checkers/index.js';
import type { Kind } from './plan.js';

/** What the code of the built service says, and what it would say then. */
export type Edit = Readonly<{ file: string; from: string; to: string }>;
/** A fault of the service itself, and as what it has to be told. */
export type Mutant = Readonly<{ name: string; edits: readonly Edit[]; invariant: string }>;

/** Those that only processes, connections and disks can show, and the faults that bring them to light. */
export const mutants: readonly (Mutant & Readonly<{ only: readonly Kind[] }>)[] = [
  {
    name: 'SIGTERM that closes the pools first',
    edits: [
      {
        file: 'apps/server/src/server.js',
        from: 'await stopInStages(stages,',
        to: 'await stopInStages([stages.pop(), ...stages],',
      },
    ],
    only: ['rolling'],
    invariant: 'X8',
  },
  {
    name: 'timekeeper that ends when the database is away',
    edits: [
      {
        file: 'apps/server/src/timekeeper/timekeeper.js',
        from: '.catch((err) => this.complain(err))',
        to: '.catch(() => void (this.stopping = true))',
      },
    ],
    only: ['postgres-crash'],
    invariant: 'T3',
  },
];

const root = fileURLToPath(new URL('../../../', import.meta.url));

const LONGEST = 200;

/** Where the service is built. */
export const BUILT = join(root, 'dist');

/** The built service with the mutant in it, beside the real one: the product itself knows of no switch. */
export function distWith({ name, edits }: Mutant): string {
  const folder = join(root, 'node_modules/.cache/shiplog-mutants', name.replaceAll(/\W+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(BUILT, join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const edit of edits) writeFileSync(join(folder, 'dist', edit.file), changed(join(folder, 'dist'), edit));
  execFileSync(process.execPath, [join(root, 'tools/bundle.mjs'), join(folder, 'dist')], { stdio: 'inherit' });
  return join(folder, 'dist');
}

/** What a file of the built service is with the edit; throws where what it says is not there, or not once. */
export function changed(dist: string, { file, from, to }: Edit): string {
  const code = readFileSync(join(dist, file), 'utf8');
  if (code.split(from).length !== 2) throw new Error(`${file} does not have ${from} once: the mutant is out of date.`);
  return code.replace(from, () => to);
}

/** Says as what a mutant was told, and after how long: behind the back of Jest, which keeps what is logged until the end. */
export const tellCaught = ({ name, invariant }: Mutant, violations: readonly Violation[], since: number): void => {
  const { what = '' } = violations.find((each) => each.invariant === invariant) ?? {};
  const others = [...new Set(violations.map((each) => each.invariant))].filter((each) => each !== invariant);
  const told = others.length === 0 ? invariant : `${invariant} (also ${others.join(', ')})`;
  const seconds = Math.round((performance.now() - since) / 1_000);
  process.stdout.write(`${name}: ${told}, ${seconds} s: ${what.slice(0, LONGEST)}\n`);
};
