import { Databases } from '../frame/database.js';
import { withPeers } from '../frame/peer.js';
import { inTurn } from '../frame/rounds.js';
import type { Bench } from '../frame/row.js';
import { checkChain } from './chain.js';
import { newRival } from './contender.js';
import { rateOf } from './duel.js';

const REPLICAS = 3;
const COMMANDS = 60_000;
const IN_FLIGHT = 1_000;

/** Three processes that get in each other's way on the same targets, beside one that has its targets for itself. */
export const replicas: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const [shared, single] = [await databases.create('replicas'), await databases.create('one')];
      const size = settings.short ? { targets: 500 } : {};
      const three = Array.from({ length: REPLICAS }, (_, index) =>
        open(newRival('waist', shared, { ...size, seed: index + 1 })),
      );
      const one = open(newRival('waist', single, size));
      await three[0]!.ask('prepare');
      await one.ask('prepare');
      await databases.settle();
      const commands = settings.short ? COMMANDS / 20 : COMMANDS;
      const sides = await inTurn(
        settings,
        {
          round: async () => {
            const each = { commands: commands / REPLICAS, inFlight: IN_FLIGHT };
            const runs = await Promise.all(three.map((rival) => rival.ask('run', each)));
            return commands / Math.max(...runs.map(({ seconds }) => seconds));
          },
          watched: [...three.map(({ pid }, index) => ({ title: `replica ${index + 1}`, pid })), databases.server],
        },
        {
          round: async () => rateOf(await one.ask('run', { commands, inFlight: IN_FLIGHT })),
          watched: [{ title: 'waist', pid: one.pid }, databases.server],
        },
      );
      await checkChain(shared);
      const note = `${commands} commands a round, ${IN_FLIGHT} of each process in flight. No version and no position was missing or stood twice.`;
      return [{ name: 'replicas/one', ...sides, note }];
    }),
  );
