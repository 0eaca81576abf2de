import { migrate } from '#event-store';
import type { ViewName } from '#projections';

import { migrations } from '../../../apps/server/src/server.js';
import type { RowName } from '../frame/bounds.js';
import { Databases } from '../frame/database.js';
import { Peer, withPeers } from '../frame/peer.js';
import { allInTurn, type Contestant } from '../frame/rounds.js';
import type { Bench, Row } from '../frame/row.js';
import { peakMegabytes } from '../../support/memory.js';
import { fillLog } from './fill-log.js';
import type { KeysetMethods } from './keyset-process.js';
import type { RebuildMethods } from './rebuild-process.js';

const EVENTS = 1_000_000;
/** As `npm run projections` has it: rows that are held outlive small collections, and are copied by each. */
const YOUNG = '--max-semi-space-size=32';

const compared: ReadonlyArray<readonly [RowName, ViewName]> = [
  ['rebuild current/keyset', 'current'],
  ['rebuild deployments/keyset', 'deployments'],
];

/** A view built anew from the whole log, beside a plain reading of the same events that makes nothing of them. */
export const benchRebuild: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const databaseUrl = await databases.create('rebuild');
      await migrate(databaseUrl, migrations);
      const events = await fillLog(databaseUrl, settings.short ? 20_000 : EVENTS);
      const peer = (name: string) => ({ module: new URL(`./${name}.js`, import.meta.url), args: [databaseUrl] });
      const [building, plain] = [peer('rebuild-process'), peer('keyset-process')];
      const builder = open(new Peer<RebuildMethods>(building.module, { ...building, nodeFlags: [YOUNG] }));
      const reader = open(new Peer<KeysetMethods>(plain.module, plain));
      await databases.settle();
      const builds = compared.map(([, view]): Contestant => ({
        round: () => builder.ask('rebuild', view),
        watched: [{ title: 'rebuild', pid: builder.pid }, databases.server],
      }));
      const reading: Contestant = {
        round: () => reader.ask('read'),
        watched: [{ title: 'reader', pid: reader.pid }, databases.server],
      };
      const [theirs, ...ours] = await allInTurn(settings, [reading, ...builds]);
      const megabytes = peakMegabytes(builder.pid);
      const note = `${events} events on 10,000 targets; the reader takes pages of 2,000 by position through one pg.Client as it comes.`;
      return compared.map(([name], index): Row => ({ name, ours: ours[index]!, theirs: theirs!, megabytes, note }));
    }),
  );
