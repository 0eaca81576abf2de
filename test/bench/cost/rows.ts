import { setTimeout as sleep } from 'node:timers/promises';

import { Databases } from '../frame/database.js';
import { Peer, withPeers } from '../frame/peer.js';
import { Service } from '../frame/service.js';
import { Topics } from '../kafka/topics.js';
import { figure, type Cost, type Figures } from './figures.js';
import type { Delivered, FillerMethods } from './filler-process.js';
import { secondsOf } from './processes.js';
import { sizesOf, totalOf, type Size } from './sizes.js';
import { topicSizesOf, type TopicSize } from './topic-sizes.js';

const whole = { targets: 10_000, deployments: 10, refs: 1 };
const short = { targets: 100, deployments: 2, refs: 1 };
const ROLES = 'api,consumer,projector,relay,timekeeper';
const PAUSE_MS = 200;

type Status = Readonly<{
  projections: ReadonlyArray<Readonly<{ lag: number }>>;
  relays: ReadonlyArray<Readonly<{ lag: number }>>;
}>;

/** What a row of each table takes, and a record of each topic, when views and relay follow as it is written. */
export const rows: Cost = ({ broker, short: isShort, databaseUrl: server }) => {
  if (!broker) throw new Error('There is no Kafka.');
  return Databases.during(server, (databases) =>
    Topics.during(broker, (topics) =>
      withPeers(async (open) => {
        const wanted = isShort ? short : whole;
        const databaseUrl = await databases.create('cost_rows');
        const { prefix, names } = await topics.create();
        const service = open(await Service.start({ databaseUrl, roles: ROLES, broker, topicPrefix: prefix }));
        const filler = open(
          new Peer<FillerMethods>(new URL('./filler-process.js', import.meta.url), { args: [databaseUrl] }),
        );
        await filler.ask('create', wanted.targets);
        const watched = [service.watched, databases.server];
        const { result, of, wall } = await secondsOf(watched, async () => {
          const delivered = await filler.ask('deliver', wanted);
          await followed(service);
          return delivered;
        });
        const spent = {
          seconds: wall,
          service: of('service'),
          postgres: of('PostgreSQL'),
          megabytes: service.megabytes,
        };
        const topicSizes = await topicSizesOf(broker, [names.events, names.outcomes, names.current]);
        const sizes = await sizesOf(databaseUrl);
        const deployments = wanted.targets * wanted.deployments;
        return [
          aboutTables(sizes, deployments),
          aboutTopics(topicSizes, { deployments, prefix }),
          aboutWork(result, spent),
        ];
      }),
    ),
  );
};

/** Waits until all that follows the log has come to its end. */
async function followed(service: Service): Promise<void> {
  for (;;) {
    const { projections, relays } = (await service.get('/status')) as Status;
    if ([...projections, ...relays].every(({ lag }) => lag === 0)) return;
    await sleep(PAUSE_MS);
  }
}

function aboutTables(sizes: readonly Size[], deployments: number): Figures {
  const lines = sizes
    .filter(({ rows: count }) => count > 100)
    .map(({ table, rows: count, rowBytes, bytes, indexBytes }) => [
      table,
      ...[count, rowBytes, bytes / count, indexBytes / count, (bytes + indexBytes) / deployments].map((each) =>
        figure(each),
      ),
    ]);
  const all = ['all', '', '', '', '', figure(totalOf(sizes) / deployments)];
  const head = ['table', 'rows', 'bytes of a row itself', 'on the disk', 'its indexes', 'both, a deployment'];
  const note = `${figure(deployments)} deployments, started and finished, each of one commit; bytes on the disk, what vacuum has not cleared yet included.`;
  return { title: 'Rows of PostgreSQL', head, lines: [...lines, all], note };
}

function aboutTopics(
  sizes: readonly TopicSize[],
  { deployments, prefix }: { deployments: number; prefix: string },
): Figures {
  const lines = sizes.map(({ topic, records, bytes }) => [
    topic.slice(prefix.length),
    ...[records, bytes / records, bytes / deployments].map((each) => figure(each)),
  ]);
  const note = 'Compressed by gzip, as the relay sends them; on one broker, before compaction.';
  return { title: 'Records of Kafka', head: ['topic', 'records', 'bytes a record', 'bytes a deployment'], lines, note };
}

type Spent = Readonly<{ seconds: number; service: number; postgres: number; megabytes: number | undefined }>;

function aboutWork({ commands, events, cpuSeconds, seconds }: Delivered, spent: Spent): Figures {
  const aCommand = (cpu: number): string => figure((cpu * 1e6) / commands);
  const lines = [
    ['the waist (Node)', aCommand(cpuSeconds)],
    ['views, relay and the rest of the service (Node)', aCommand(spent.service)],
    ['PostgreSQL, all of it', aCommand(spent.postgres)],
  ];
  const note = `${figure(commands)} commands, ${figure(events)} events, written in ${figure(seconds)} s; all views and topics had them after ${figure(spent.seconds)} s. The service held ${spent.megabytes} MB at most.`;
  return {
    title: 'Work of a command, views and relay included',
    head: ['where', 'us of a core a command'],
    lines,
    note,
  };
}
