import { Databases } from '../frame/database.js';
import { Peer, withPeers } from '../frame/peer.js';
import type { Bench } from '../frame/row.js';
import { inTurn } from '../frame/rounds.js';
import { newRival, TARGETS } from './contender.js';
import { rateOf } from './duel.js';
import type { RawInsert } from './raw-insert.js';

/** The waist beside what any way to write the same rows costs. */
export const commandsVsRawInsert: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const addresses = [await databases.create('waist'), await databases.create('raw')];
      const waist = open(newRival('waist', addresses[0]!, { targets: settings.short ? 500 : TARGETS }));
      await waist.ask('prepare');
      const raw = open(new Peer<RawInsert>(new URL('./raw-insert.js', import.meta.url), { args: addresses }));
      await raw.ask('skip');
      await databases.settle();
      const run = { commands: settings.short ? 3_000 : 60_000, inFlight: 2_000 };
      let commands = 0;
      const sides = await inTurn(
        settings,
        {
          round: async () => rateOf(await waist.ask('run', run)),
          watched: [{ title: 'waist', pid: waist.pid }, databases.server],
        },
        {
          before: async () => (commands = await raw.ask('read')),
          round: async () => commands / (await raw.ask('write')),
          watched: [{ title: 'raw INSERT', pid: raw.pid }, databases.server],
        },
        'ours first',
      );
      const note =
        'The events and outcomes that a round of the waist wrote, inserted into the same tables of another database: 500 ' +
        'commands a statement, two under way on one pipelined connection. It decides nothing, checks no version and keeps no state of streams.';
      return [{ name: 'commands/raw-insert', ...sides, note }];
    }),
  );
