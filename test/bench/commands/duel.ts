import type { RowName } from '../frame/bounds.js';
import { Databases } from '../frame/database.js';
import { withPeers } from '../frame/peer.js';
import type { Row, Settings } from '../frame/row.js';
import { inTurn, type Contestant } from '../frame/rounds.js';
import { newRival, TARGETS, type Measured, type Rival, type Run } from './contender.js';

/** How a contender is measured: so many commands a round, at the fastest of these numbers in flight. */
export type Entry = Readonly<{ name: string; title: string; perRound: number; inFlight: readonly number[] }>;

export type Duel = Readonly<{
  row: RowName;
  ours: Entry;
  theirs: Entry;
  /** All commands of a round for one target, another one each round. */
  hot?: boolean;
  figure(measured: Measured): number;
  note: string;
}>;

export const rateOf = ({ commands, seconds }: Measured): number => commands / seconds;

/** Two ways to carry the same commands, each in a process and a database of its own on the same server, round by round in turn. */
export const duel = (settings: Settings, { row, ours, theirs, hot, figure, note }: Duel): Promise<Row> =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const enter = async (entry: Entry): Promise<Entered> => {
        const database = await databases.create(entry.name.replaceAll('-', '_'));
        const rival = open(newRival(entry.name, database, { targets: settings.short ? 500 : TARGETS }));
        await rival.ask('prepare');
        const scaled = { ...entry, perRound: Math.ceil(entry.perRound / (settings.short ? 20 : 1)), hot };
        return { rival, entry: scaled, inFlight: await bestOf(rival, scaled) };
      };
      const entered = [await enter(ours), await enter(theirs)] as const;
      await databases.settle();
      const [first, second] = entered.map(({ rival, entry, inFlight }): Contestant => ({
        round: async () => figure(await rival.ask('run', runOf(entry, inFlight))),
        watched: [{ title: entry.title, pid: rival.pid }, databases.server],
      }));
      const measured = await inTurn(settings, first!, second!);
      const flights = entered.map(({ entry, inFlight }) => `${entry.title} ${inFlight}`).join(', ');
      return { name: row, ...measured, note: `${note} In flight: ${flights}.` };
    }),
  );

type Tried = Entry & Readonly<{ hot: boolean | undefined }>;
type Entered = Readonly<{ rival: Rival; entry: Tried; inFlight: number }>;

let targets = 0;

function runOf({ perRound, hot }: Tried, inFlight: number): Run {
  targets += 1;
  return { commands: perRound, inFlight, ...(hot ? { hot: `hot-${targets}` } : {}) };
}

/** The number in flight at which it is fastest, once it is warm. */
async function bestOf(rival: Rival, entry: Tried): Promise<number> {
  if (entry.inFlight.length === 1) return entry.inFlight[0]!;
  await rival.ask('run', runOf(entry, entry.inFlight[0]!));
  let best = { inFlight: 0, rate: 0 };
  for (const inFlight of entry.inFlight) {
    const rate = rateOf(await rival.ask('run', runOf(entry, inFlight)));
    if (rate > best.rate) best = { inFlight, rate };
  }
  return best.inFlight;
}
