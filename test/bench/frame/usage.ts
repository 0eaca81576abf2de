import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

import type { Load } from './row.js';

/** A process, or the tree of processes below it, told of in one line. */
export type Watched = Readonly<{ title: string; pid: number; tree?: boolean }>;

/** `getconf CLK_TCK` of every Linux. */
const TICKS_A_SECOND = 100;

type Times = Readonly<{ parent: number; seconds: number }>;

/** How much of the processor each process took while it was watched. Elsewhere than on Linux nobody knows. */
export class Usage {
  readonly #seconds = new Map<string, { all: number; busiest: number }>();
  #wall = 0;

  constructor(private readonly watched: readonly Watched[]) {}

  async during<T>(work: () => Promise<T>): Promise<T> {
    const before = timesOfAll();
    const began = performance.now();
    const result = await work();
    this.#wall += (performance.now() - began) / 1_000;
    this.#add(before, timesOfAll());
    return result;
  }

  load(): Load {
    const known = this.watched.filter(({ title }) => (this.#seconds.get(title)?.all ?? 0) > 0);
    return known
      .map(({ title }) => ({ title, ...this.#seconds.get(title)! }))
      .toSorted((a, b) => b.busiest - a.busiest)
      .map(({ title, all, busiest }) => ({ title, cores: all / this.#wall, busiest: busiest / this.#wall }));
  }

  #add(before: ReadonlyMap<number, Times>, after: ReadonlyMap<number, Times>): void {
    for (const { title, pid, tree } of this.watched) {
      const members = tree ? [...after].filter(([each, { parent }]) => each === pid || parent === pid) : [];
      const pids = tree ? members.map(([each]) => each) : [pid];
      const spent = pids.map((each) => (after.get(each)?.seconds ?? 0) - (before.get(each)?.seconds ?? 0));
      const { all, busiest } = this.#seconds.get(title) ?? { all: 0, busiest: 0 };
      this.#seconds.set(title, {
        all: all + spent.reduce((sum, each) => sum + each, 0),
        busiest: busiest + Math.max(0, ...spent),
      });
    }
  }
}

/** By pid: parent, and the seconds of processor that it has used so far. */
function timesOfAll(): Map<number, Times> {
  const found = new Map<number, Times>();
  for (const pid of readProc()) {
    try {
      // The name in parentheses may hold anything; what follows does not.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      const seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
      found.set(pid, { parent: Number(fields[1]), seconds });
    } catch {
      // It has ended.
    }
  }
  return found;
}

function readProc(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The parent of a process of this machine; 0 where it is none. */
export const parentOf = (pid: number): number => timesOfAll().get(pid)?.parent ?? 0;

export const machine = (): string => `Node ${process.versions.node}, ${cpus().length} cores`;
