import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { Verdict } from '#audit';

import { roundsOf } from '../frame/rounds.js';
import { median, type Bench, type Side } from '../frame/row.js';
import { FILES, writeSealedExport } from './sealed-export.js';
import type { Used } from './usage-at-end.js';

const EVENTS = 1_000_000;
const VERIFIER = fileURLToPath(new URL('../../../libs/audit/src/verify.js', import.meta.url));
const USAGE_AT_END = new URL('./usage-at-end.js', import.meta.url).href;

type Run = Used & Readonly<{ seconds: number }>;

/** A log of a million events, verified as an auditor does it: by `shiplog-verify`, with all checkpoints that were signed over it. */
export const benchVerify: Bench = async (settings) => {
  const events = settings.short ? 20_000 : EVENTS;
  const folder = await mkdtemp(join(tmpdir(), 'shiplog-bench-'));
  try {
    const bytes = await writeSealedExport(folder, events);
    // The warm-up: what was written last may still be on its way to the disk.
    await verify(folder, events);
    const runs: Run[] = [];
    for (let round = 0; round < roundsOf(settings); round += 1) runs.push(await verify(folder, events));
    const megabytes = Math.max(...runs.map((run) => run.megabytes ?? 0)) || undefined;
    const note = `${events.toLocaleString('en')} events of ${Math.round(bytes / events)} bytes a line and a checkpoint for every thousand of them; ${median(runs.map((run) => run.processorSeconds)).toFixed(1)} s of processor each time.`;
    return [{ name: 'verify a million', ours: sideOf(runs), megabytes, note }];
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** As `npx shiplog-verify` runs it, but that it tells at its end what it has used. */
async function verify(folder: string, events: number): Promise<Run> {
  const began = performance.now();
  const verifier = spawn(process.execPath, ['--import', USAGE_AT_END, VERIFIER, ...FILES, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const streams = [verifier.stdout!, verifier.stdio[3] as Readable];
  const [said, used] = await Promise.all([...streams.map(text), once(verifier, 'close')]);
  const seconds = (performance.now() - began) / 1_000;
  const { verdict, anchored, message } = JSON.parse(said as string) as Verdict;
  if (verdict !== 'verified' || anchored !== events) throw new Error(`${verdict}: ${message}`);
  return { seconds, ...(JSON.parse(used as string) as Used) };
}

function sideOf(runs: readonly Run[]): Side {
  const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
  const rounds = runs.map(({ seconds }) => seconds);
  const cores = sum(runs.map(({ processorSeconds }) => processorSeconds)) / sum(rounds);
  return { rounds, load: [{ title: 'verifier', cores, busiest: cores }] };
}
