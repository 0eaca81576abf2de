import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { beginnings, startsAndFinishes, TARGETS, type Work } from './workload.js';

/** One way to carry commands. */
export type Contender<Ready> = Readonly<{
  /** What is handed over, made before the clock starts. */
  prepare(work: Work): Ready;
  /** Resolves with the number of events when they are durable. */
  send(ready: Ready): Promise<number>;
  close(): Promise<void>;
}>;

/** What is in flight outlives many small collections: with a larger young generation it is copied less often. */
const YOUNG = '--max-semi-space-size=64';

/** So many commands with so many of them on their way at once. */
type Run = Readonly<{ commands: number; inFlight: number }>;
export type Measured = Readonly<{ commands: number; events: number; seconds: number }>;

/** Runs in a process of its own: does what the parent asks for, one thing after the other. */
export function serve<Ready>(open: (connectionString: string) => Promise<Contender<Ready>>): void {
  const opened = open(process.argv[2]!);
  const works = startsAndFinishes(1);
  process.on('message', (ask: Run | 'prepare' | 'close') => void answer(ask));

  async function answer(ask: Run | 'prepare' | 'close'): Promise<void> {
    const contender = await opened;
    if (ask === 'close') {
      await contender.close();
      process.disconnect();
    } else if (ask === 'prepare') {
      process.send!(await measure(beginnings(), { commands: 2 * TARGETS, inFlight: 32 }, contender));
    } else {
      process.send!(await measure(works, ask, contender));
    }
  }
}

async function measure<Ready>(
  works: Iterator<Work, unknown>,
  { commands, inFlight }: Run,
  { prepare, send }: Contender<Ready>,
): Promise<Measured> {
  const ready = Array.from({ length: commands }, () => prepare(works.next().value as Work)).values();
  let events = 0;
  const lane = async (): Promise<void> => {
    for (const each of ready) {
      const appended = await send(each);
      events += appended;
    }
  };
  const startedAt = process.hrtime.bigint();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { commands, events, seconds: Number(process.hrtime.bigint() - startedAt) / 1e9 };
}

/** The parent's side of a contender. */
export class Rival {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(module: URL, connectionString: string) {
    this.#child = fork(module, [connectionString], { execArgv: [YOUNG] });
    this.#ended = once(this.#child, 'exit').then(() => Promise.reject(new Error(`${module.pathname} has ended`)));
    this.#ended.catch(() => undefined);
  }

  /** Prepares the targets. */
  prepare(): Promise<Measured> {
    return this.#ask('prepare');
  }

  run(run: Run): Promise<Measured> {
    return this.#ask(run);
  }

  async close(): Promise<void> {
    this.#child.send('close');
    await this.#ended.catch(() => undefined);
  }

  async #ask(ask: Run | 'prepare'): Promise<Measured> {
    this.#child.send(ask);
    const [measured] = await Promise.race([once(this.#child, 'message'), this.#ended]);
    return measured as Measured;
  }
}
