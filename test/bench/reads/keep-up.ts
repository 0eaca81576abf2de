import { migrate } from '#event-store';

import { migrations } from '../../../apps/server/src/server.js';
import { newRival, TARGETS } from '../commands/contender.js';
import { rateOf } from '../commands/duel.js';
import { Databases } from '../frame/database.js';
import { Peer, withPeers } from '../frame/peer.js';
import { inTurn } from '../frame/rounds.js';
import type { Bench } from '../frame/row.js';
import { peakMegabytes } from '../../support/memory.js';
import type { ProjectorMethods } from './projector-process.js';

const COMMANDS = 40_000;
const IN_FLIGHT = 2_000;
const MAX_LAG_SECONDS = 1;
/** The pace goes down from here on: what is on its way then makes the views fall behind further. */
const FIRST_WITHIN = 0.5;
const FIRST_PACE = 2_000;
/** As `npm start` and the image have it. */
const YOUNG = '--max-semi-space-size=32';

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
        new Peer<ProjectorMethods>(new URL('./projector-process.js', import.meta.url), {
          args: [databaseUrl],
          nodeFlags: [YOUNG],
        }),
      );
      const commands = COMMANDS / (settings.short ? 20 : 1);
      let [perSecond, withinSeconds] = [FIRST_PACE, FIRST_WITHIN];
      const keepingUp = async (): Promise<number> => {
        const views = { perSecond, withinSeconds };
        const measured = await waist.ask('run', { commands, inFlight: IN_FLIGHT, views });
        perSecond = rateOf(measured);
        if (measured.lagSeconds! < MAX_LAG_SECONDS || settings.short) return perSecond;
        withinSeconds *= 0.8;
        return keepingUp();
      };
      const processes = [{ title: 'waist', pid: waist.pid }, databases.server];
      const sides = await inTurn(
        settings,
        {
          before: async () => {
            await projector.ask('start');
            await projector.ask('catchUp');
          },
          round: keepingUp,
          watched: [{ title: 'projector', pid: projector.pid }, ...processes],
        },
        {
          before: () => projector.ask('stop'),
          round: async () => rateOf(await waist.ask('run', { commands, inFlight: IN_FLIGHT })),
          watched: processes,
        },
      );
      const note = `${commands} commands a round on ${targets} targets; ours at a pace that goes down while a view is more than ${withinSeconds.toFixed(2)} s behind, and at no moment was one ${MAX_LAG_SECONDS} s. Theirs: the waist with no view at work.`;
      return [{ name: 'views/waist', ...sides, megabytes: peakMegabytes(projector.pid), note }];
    }),
  );
