import { migrate } from '#event-store';

import { newRival } from '../commands/contender.js';
import { migrations } from '../../../apps/server/src/server.js';
import { Databases } from '../frame/database.js';
import { Peer, withPeers } from '../frame/peer.js';
import { inTurn } from '../frame/rounds.js';
import type { KafkaBench } from '../frame/row.js';
import type { ProducerMethods } from './producer-process.js';
import type { RelayMethods } from './relay-process.js';
import { brokerProcess } from './broker-process.js';
import { Topics } from './topics.js';

const COMMANDS = 20_000;
const TARGETS = 1_000;

/** The relay with a whole log to publish, beside kafkajs with the same records ready in memory. */
export const relayAlone: KafkaBench = ({ broker, ...settings }) =>
  Databases.during(settings.databaseUrl, (databases) =>
    Topics.during(broker, (topics) =>
      withPeers(async (open) => {
        const databaseUrl = await databases.create('relay');
        await migrate(databaseUrl, migrations);
        const waist = newRival('waist', databaseUrl, { targets: TARGETS });
        await waist.ask('prepare');
        await waist.ask('run', { commands: settings.short ? COMMANDS / 20 : COMMANDS, inFlight: 2_000 });
        await waist.close();

        const relay = open(
          new Peer<RelayMethods>(new URL('./relay-process.js', import.meta.url), { args: [databaseUrl, broker] }),
        );
        const producer = open(
          new Peer<ProducerMethods>(new URL('./producer-process.js', import.meta.url), { args: [broker] }),
        );
        const copied = await topics.create();
        const { events, outcomes } = await relay.ask('publish', copied.prefix);
        const records = events + outcomes;
        await producer.ask('read', [copied.names.events, copied.names.outcomes]);
        let next = await topics.create();
        const before = async (): Promise<void> => {
          next = await topics.create();
        };
        const kafka = brokerProcess(broker);
        const sides = await inTurn(
          settings,
          {
            before,
            round: async () => records / (await relay.ask('publish', next.prefix)).seconds,
            watched: [{ title: 'relay', pid: relay.pid }, databases.server, ...kafka],
          },
          {
            before,
            round: async () => records / (await producer.ask('send', [next.names.events, next.names.outcomes])),
            watched: [{ title: 'kafkajs', pid: producer.pid }, ...kafka],
          },
        );
        const note = `${events} events and ${outcomes} outcomes, at most 1,000 records a send, one send at a time on each topic, acks of all replicas, gzip.`;
        return [{ name: 'relay/kafkajs', ...sides, note }];
      }),
    ),
  );
