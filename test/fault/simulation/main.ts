import 'reflect-metadata';
import { createInterface } from 'node:readline';
import { installVirtualTime, wallMs } from './virtual-time.js';

// An iterator from now on: a line that nobody waits for yet is lost.
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
// Before anything else is loaded: what binds a timer when it is loaded binds this one.
installVirtualTime();
const { Simulation } = await import('./run-seed.js');

const LAST_LINES = 400;
const flags = process.argv.slice(2);
const say = (what: object): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);

/** One share of the seeds: each line of the input is where it begins, and how many they are. */
const runShare = async (from: number, count: number): Promise<void> => {
  const began = wallMs();
  const sums = { seeds: 0, commands: 0, events: 0, duplicates: 0, unknown: 0, steps: 0, virtualMs: 0, wallMs: 0 };
  const faults: Record<string, number> = {};
  for (let seed = from; seed < from + count; seed += 1) {
    const { trace, ...run } = await new Simulation(seed).run();
    sums.seeds += 1;
    for (const name of ['commands', 'events', 'duplicates', 'unknown', 'steps', 'virtualMs'] as const)
      sums[name] += run[name];
    for (const fault of run.faults) faults[fault] = (faults[fault] ?? 0) + 1;
    if (flags.includes('--digests')) say({ seed, digest: run.digest });
    if (run.violations.length === 0) continue;
    say({ failed: { ...run, trace: trace.slice(-LAST_LINES) } });
    if (run.violations.some(({ invariant }) => flags.includes(`--stop-at=${invariant}`))) break;
  }
  sums.wallMs = Math.round(wallMs() - began);
  say({ sums: { ...sums, virtualMs: Math.round(sums.virtualMs), faults } });
};

for (let next = await lines.next(); !next.done && next.value !== 'end'; next = await lines.next()) {
  const [from = '1', count = '1'] = next.value.split(' ');
  await runShare(Number(from), Number(count));
}
process.exit(0);
