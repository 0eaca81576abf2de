import { Peer, serve } from '../frame/peer.js';
import { median } from '../frame/row.js';
import { PaceOfViews } from './pace-of-views.js';
import { beginnings, onOneTarget, startsAndFinishes, type Work } from './workload.js';

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

/**
 * So many commands with so many of them on their way at once; on the target `hot` alone where that is given, or on the first
 * `among` of all; and where `views` is, at a pace that begins with `perSecond` and has all views follow `withinSeconds`.
 */
export type Run = Readonly<{
  commands: number;
  inFlight: number;
  hot?: string;
  among?: number;
  views?: Readonly<{ perSecond: number; withinSeconds: number }>;
}>;
/**
 * `milliseconds` is the median of what one command took, from handing it over to its answer; `lagSeconds` the furthest that a
 * view was seen behind, where that was looked at.
 */
export type Measured = Readonly<{
  commands: number;
  events: number;
  seconds: number;
  milliseconds: number;
  lagSeconds?: number;
}>;

type Methods = { prepare(inFlight?: number): Promise<Measured>; run(run: Run): Promise<Measured> };

/** Runs in a process of its own: does what the parent asks for, one thing after the other. */
export function compete<Ready>(open: (connectionString: string, writers: number) => Promise<Contender<Ready>>): void {
  serve(async (connectionString, ...numbers) => {
    const [targets, seed, writers] = numbers.map(Number);
    const contender = await open(connectionString!, writers!);
    const works = startsAndFinishes(seed!, targets!);
    return {
      prepare: (inFlight?: number) =>
        measure(beginnings(targets!), { commands: 2 * targets!, inFlight: inFlight ?? 32 }, contender),
      run: async (run: Run) => {
        if (run.views) return besideViews(connectionString!, works, run, contender);
        if (run.hot === undefined) return measure(works, run, contender);
        const hot = onOneTarget(run.hot);
        await measure(hot, { commands: 2, inFlight: 1 }, contender);
        return measure(hot, run, contender);
      },
      close: () => contender.close(),
    };
  });
}

async function besideViews<Ready>(
  connectionString: string,
  works: Iterator<Work, unknown, number | undefined>,
  run: Run,
  contender: Contender<Ready>,
): Promise<Measured> {
  const pace = new PaceOfViews(connectionString, run.views!.perSecond, run.views!.withinSeconds);
  try {
    return { ...(await measure(works, run, contender, pace)), lagSeconds: pace.most };
  } finally {
    await pace.stop();
  }
}

async function measure<Ready>(
  works: Iterator<Work, unknown, number | undefined>,
  { commands, inFlight, among }: Run,
  { prepare, send }: Contender<Ready>,
  pace?: PaceOfViews,
): Promise<Measured> {
  const ready = Array.from({ length: commands }, () => prepare(works.next(among).value as Work)).values();
  const times: number[] = [];
  let events = 0;
  const lane = async (): Promise<void> => {
    for (const each of ready) {
      if (pace) await pace.next();
      const sentAt = performance.now();
      const appended = await send(each);
      times.push(performance.now() - sentAt);
      events += appended;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { commands, events, seconds: (performance.now() - startedAt) / 1_000, milliseconds: median(times) };
}

export const TARGETS = 10_000;

/** Of another seed come other commands; `writers` is for the waist, how many of it are in the process. */
export type Setting = Readonly<{ targets?: number; seed?: number; writers?: number }>;

/** The parent's side of a contender: `name` is that of its module. */
export const newRival = (
  name: string,
  connectionString: string,
  { targets = TARGETS, seed = 1, writers = 1 }: Setting = {},
): Rival =>
  new Peer<Methods>(new URL(`./${name}.js`, import.meta.url), {
    args: [connectionString, ...[targets, seed, writers].map(String)],
    nodeFlags: [YOUNG],
  });

export type Rival = Peer<Methods>;
