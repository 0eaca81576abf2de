import { migrate } from '#event-store';

import { migrations } from '../../../apps/server/src/server.js';
import { peakMegabytes } from '../../support/memory.js';
import { Databases } from '../frame/database.js';
import { Peer, withPeers } from '../frame/peer.js';
import type { ProjectorMethods } from '../reads/projector-process.js';
import { figure, type Cost } from './figures.js';
import type { FillerMethods } from './filler-process.js';
import { secondsOf } from './processes.js';
import { sizesOf } from './sizes.js';

const whole = { targets: 2_000, deployments: 5 };
const short = { targets: 20, deployments: 1 };

/** What a deployment costs that names many commits. */
export const refs: Cost = (settings) =>
  Databases.during(settings.databaseUrl, async (databases) => {
    const scale = settings.short ? short : whole;
    const lines: string[][] = [];
    for (const count of [1, 10, 100]) lines.push(await lineOf(databases, { refs: count, ...scale }));
    const head = ['commit refs', 'us of Node a command', 'of PostgreSQL', 'commands/s', 'kB held a state'];
    const more = [
      'bytes an event',
      'bytes of views a deployment',
      'us of Node for views an event',
      'of PostgreSQL',
      'MB of views at most',
    ];
    const note = `${scale.targets.toLocaleString('en')} targets with ${scale.deployments} deployments each, started and finished through the waist, 500 commands in flight; then all views follow. Bytes are those on the disk, indexes included.`;
    return [{ title: 'Deployments of many commits', head: [...head, ...more], lines, note }];
  });

type Wanted = Readonly<{ refs: number; targets: number; deployments: number }>;

const lineOf = (databases: Databases, wanted: Wanted): Promise<string[]> =>
  withPeers(async (open) => {
    const databaseUrl = await databases.create(`cost_refs_${wanted.refs}`);
    await migrate(databaseUrl, migrations);
    const filler = open(
      new Peer<FillerMethods>(new URL('./filler-process.js', import.meta.url), {
        args: [databaseUrl],
        nodeFlags: ['--expose-gc'],
      }),
    );
    const projector = open(
      new Peer<ProjectorMethods>(new URL('../reads/projector-process.js', import.meta.url), { args: [databaseUrl] }),
    );
    // Of an empty log, so that they follow page by page as they would live.
    await projector.ask('start');
    await projector.ask('stop');
    await filler.ask('create', wanted.targets);
    const empty = await filler.ask('held');
    const filled = await secondsOf([databases.server], () => filler.ask('deliver', wanted));
    const held = (await filler.ask('held')) - empty;
    const watched = [databases.server, { title: 'projector', pid: projector.pid }];
    const followed = await secondsOf(watched, async () => {
      await projector.ask('start');
      await projector.ask('catchUp');
    });
    const { commands, events, cpuSeconds, seconds } = filled.result;
    const bytes = bytesOf(await sizesOf(databaseUrl));
    const deployments = wanted.targets * wanted.deployments;
    return [
      String(wanted.refs),
      ...[(cpuSeconds * 1e6) / commands, (filled.of('PostgreSQL') * 1e6) / commands, commands / seconds],
      held / 1_024 / wanted.targets,
      bytes(['events']) / events,
      bytes(['current', 'deployments', 'commits', 'tenures']) / deployments,
      ...[followed.of('projector'), followed.of('PostgreSQL')].map((spent) => (spent * 1e6) / events),
      peakMegabytes(projector.pid) ?? NaN,
    ].map((value) => (typeof value === 'string' ? value : figure(value)));
  });

const bytesOf =
  (sizes: Awaited<ReturnType<typeof sizesOf>>) =>
  (tables: readonly string[]): number =>
    sizes.reduce((sum, { table, bytes, indexBytes }) => sum + (tables.includes(table) ? bytes + indexBytes : 0), 0);
