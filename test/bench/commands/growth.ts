import { Databases } from '../frame/database.js';
import { withPeers } from '../frame/peer.js';
import type { Bench, Load } from '../frame/row.js';
import { Usage } from '../frame/usage.js';
import { newRival } from './contender.js';
import { rateOf } from './duel.js';

const MILLION = 1_000_000;
const MILLIONS = 5;
const TARGETS = 200_000;
/** What lies between is written faster: on targets whose states are all held. */
const BETWEEN = 10_000;
const IN_FLIGHT = 2_000;
/** Runs of which a million consists; a start and a finish that supersedes make three events. */
const RUNS = 10;
const COMMANDS_PER_EVENT = 2 / 3;

type Stretch = Readonly<{ rounds: readonly number[]; load: Load }>;

/** Whether a log that grows makes the waist slower. Its rounds are stretches of one log, not repetitions. */
export const growth: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const scale = settings.short ? 100 : 1;
      const waist = open(newRival('waist', await databases.create('growth'), { targets: TARGETS / scale }));
      let { events } = await waist.ask('prepare', IN_FLIGHT);
      const run = { commands: Math.ceil((COMMANDS_PER_EVENT * MILLION) / RUNS / scale), inFlight: IN_FLIGHT };
      const watched = [{ title: 'waist', pid: waist.pid }, databases.server];
      const million = async (): Promise<Stretch> => {
        events += (await waist.ask('run', run)).events;
        // What is changed first behind a checkpoint is written whole, and takes longer.
        await databases.settle();
        const usage = new Usage(watched);
        const rounds: number[] = [];
        for (let count = 0; count < RUNS; count += 1) {
          const measured = await usage.during(() => waist.ask('run', run));
          events += measured.events;
          rounds.push(rateOf(measured));
        }
        return { rounds, load: usage.load() };
      };
      const first = await million();
      const between = { ...run, among: BETWEEN / scale };
      const next = ((MILLIONS - 1) * MILLION - MILLION / RUNS) / scale;
      while (events < next) events += (await waist.ask('run', between)).events;
      const last = await million();
      const note = `${(TARGETS / scale).toLocaleString('en')} targets, ${events.toLocaleString('en')} events at the end; of each million ${RUNS} stretches, in the order in which they were written; what lies between on ${(BETWEEN / scale).toLocaleString('en')} of the targets.`;
      return [{ name: 'last/first million', ours: last, theirs: first, note }];
    }),
  );
