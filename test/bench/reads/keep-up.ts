import { migrate } from '#event-store';

import { migrations } from '../../../apps/server/src/server.js';
import { newRival, TARGETS } from '../commands/contender.js';
import { rateOf } from '../commands/duel.js';
import { Databases } from '../frame/database.js';
import { Peer, withPeers } from '../frame/peer.js';
import { inTurn } from '../frame/rounds.js';
import type { Bench } from '../frame/row.js';
import { peakMegabytes } from '../frame/usage.js';
import type { ProjectorMethods } from './projector-process.js';

const COMMANDS = 60_000;
const IN_FLIGHT = 2_000;
const SECONDS = 10;
const MAX_LAG_SECONDS = 1;
/** A pace that the views do not leave the waist time for counts as not kept. */
const NEARLY = 0.95;
/** Of what the waist carries alone. */
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];

/** Where the first round looks; the others do where the one before them has found it. */
const LIKELY = 0.3;

/** How much of what the waist can carry the views can follow, on the same machine. */
export const keepUp: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const databaseUrl = await databases.create('keep_up');
      await migrate(databaseUrl, migrations);
      const targets = settings.short ? 500 : TARGETS;
      const waist = open(newRival('waist', databaseUrl, { targets }));
      await waist.ask('prepare');
      const projector = open(
        new Peer<ProjectorMethods>(new URL('./projector-process.js', import.meta.url), { args: [databaseUrl] }),
      );
      const [commands, seconds] = settings.short ? [COMMANDS / 20, 1] : [COMMANDS, SECONDS];
      let alone = 0;
      let share = LIKELY;
      const keepsUpAt = async (part: number): Promise<boolean> => {
        const perSecond = part * alone;
        const run = { commands: Math.ceil(perSecond * seconds), inFlight: IN_FLIGHT, perSecond };
        const reached = rateOf(await waist.ask('run', run));
        const lag = await projector.ask('catchUp');
        return reached >= NEARLY * perSecond && lag < MAX_LAG_SECONDS;
      };
      const processes = [{ title: 'waist', pid: waist.pid }, databases.server];
      const sides = await inTurn(
        settings,
        {
          before: async () => {
            await projector.ask('start');
            await projector.ask('catchUp');
          },
          round: async () => {
            share = await highest(SHARES, share, keepsUpAt);
            return alone * share;
          },
          watched: [{ title: 'projector', pid: projector.pid }, ...processes],
        },
        {
          before: () => projector.ask('stop'),
          round: async () => (alone = rateOf(await waist.ask('run', { commands, inFlight: IN_FLIGHT }))),
          watched: processes,
        },
        'theirs first',
      );
      const note = `The highest of ${SHARES.map((each) => `${100 * each}`).join(', ')} % of the waist's pace at which, after ${seconds} s, all views stand less than ${MAX_LAG_SECONDS} s behind and the pace was kept; the waist's pace with no view at work.`;
      return [{ name: 'views/waist', ...sides, megabytes: peakMegabytes(projector.pid), note }];
    }),
  );

/**
 * The highest of rising values that holds, where those below one that holds do too; 0 where none does. Looked for up or down
 * from `likely`: each that is tried takes its time.
 */
async function highest(
  values: readonly number[],
  likely: number,
  holds: (value: number) => Promise<boolean>,
): Promise<number> {
  let at = Math.max(0, values.indexOf(likely));
  if (await holds(values[at]!)) {
    while (at + 1 < values.length && (await holds(values[at + 1]!))) at += 1;
  } else {
    do at -= 1;
    while (at >= 0 && !(await holds(values[at]!)));
  }
  return values[at] ?? 0;
}
