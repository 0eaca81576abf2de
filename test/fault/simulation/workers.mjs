import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { buildSimulation, programOf } from './build.mjs';

/** Seeds that a worker takes at a time: few enough that all end together, and fewer where the first that fails is enough. */
const SHARE = 25;
const SMALL_SHARE = 4;

/**
 * Runs `count` seeds from `from` on, in as many processes as there are cores; `changed` are texts of sources in the place of the
 * real ones. Answers the runs that failed, the digests where `digests` is asked for, and sums over all. With `stopAt`
 * nothing more is begun once that invariant was broken.
 */
export const simulate = async ({
  from = 1,
  count,
  changed,
  digests = false,
  stopAt,
  workers = availableParallelism(),
}) => {
  const program = programOf(buildSimulation(changed));
  const result = { failed: [], digests: new Map(), sums: {} };
  const size = stopAt ? SMALL_SHARE : SHARE;
  const shares = Array.from({ length: Math.ceil(count / size) }, (_, i) => [
    from + i * size,
    Math.min(size, count - i * size),
  ]);
  const flags = [...(digests ? ['--digests'] : []), ...(stopAt ? [`--stop-at=${stopAt}`] : [])];
  const work = async () => {
    const child = spawn(process.execPath, ['--max-semi-space-size=32', program, ...flags], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const next = () => {
      const share = result.failed.some((run) => breaks(run, stopAt)) ? undefined : shares.shift();
      child.stdin.write(`${share ? share.join(' ') : 'end'}\n`);
    };
    next();
    for await (const line of createInterface({ input: child.stdout })) {
      const told = JSON.parse(line);
      if (told.failed) result.failed.push(told.failed);
      if (told.digest) result.digests.set(told.seed, told.digest);
      if (told.sums) {
        add(result.sums, told.sums);
        next();
      }
    }
    const code = await ended;
    if (code !== 0) throw new Error(`A simulation ended with exit code ${code}.`);
  };
  await Promise.all(Array.from({ length: Math.min(workers, shares.length) }, work));
  result.failed.sort((a, b) => a.seed - b.seed);
  return result;
};

const breaks = ({ violations }, stopAt) => violations.some(({ invariant }) => invariant === stopAt);

const add = (sums, more) => {
  for (const [name, value] of Object.entries(more)) {
    if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value;
    else add((sums[name] ??= {}), value);
  }
};

/** What is said of a seed that failed: what is not so, and what happened. */
export const historyOf = ({ seed, violations, faults, trace }) =>
  [
    `Seed ${seed} (${faults.join(', ') || 'no fault'}):`,
    ...trace,
    ...violations.map(({ invariant, what }) => `${invariant}: ${what}`),
  ].join('\n');
