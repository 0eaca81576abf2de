import { Databases } from '../frame/database.js';
import { fill } from '../frame/fill.js';
import { Peer, withPeers } from '../frame/peer.js';
import { roundsOf } from '../frame/rounds.js';
import type { KafkaBench } from '../frame/row.js';
import { Service } from '../frame/service.js';
import { Usage } from '../frame/usage.js';
import { brokerProcess } from './broker-process.js';
import type { Latency, LatencyMethods } from './latency-process.js';
import { Topics } from './topics.js';

const TARGETS = 1_000;
const PER_SECOND = 500;
const SECONDS = 5;
/** The service has compiled what it runs often only after that. */
const WARM_UP_ROUNDS = 2;

/** How long after its answer a command's event is readable on Kafka, by a consumer that is not ours, with every role at work. */
export const latency: KafkaBench = ({ broker, ...settings }) =>
  Databases.during(settings.databaseUrl, (databases) =>
    Topics.during(broker, (topics) =>
      withPeers(async (open) => {
        const databaseUrl = await databases.create('latency');
        await fill(databaseUrl, TARGETS, 1);
        const { prefix, names } = await topics.create();
        const roles = 'api,consumer,projector,relay,timekeeper';
        const service = open(await Service.start({ databaseUrl, roles, broker, topicPrefix: prefix }));
        const caller = open(
          new Peer<LatencyMethods>(new URL('./latency-process.js', import.meta.url), {
            args: [service.url.href, broker, names.events],
          }),
        );
        const commands = PER_SECOND * (settings.short ? 1 : SECONDS);
        const round = (): Promise<Latency> => caller.ask('run', { commands, perSecond: PER_SECOND, targets: TARGETS });
        const processes = [service.watched, databases.server, { title: 'caller and consumer', pid: caller.pid }];
        const usage = new Usage([...processes, ...brokerProcess(broker)]);
        for (let count = 0; count < WARM_UP_ROUNDS; count += 1) await round();
        const rounds: Latency[] = [];
        for (let count = 0; count < roundsOf(settings); count += 1) rounds.push(await usage.during(round));
        const { megabytes } = service;
        const note = `${PER_SECOND} successes a second reported at a steady pace, ${commands} a round, on ${TARGETS} targets; the service with every role.`;
        const side = (figures: number[]) => ({ ours: { rounds: figures, load: usage.load() }, megabytes, note });
        return [
          { name: 'latency, p50', ...side(rounds.map(({ p50 }) => p50)) },
          { name: 'latency, p99', ...side(rounds.map(({ p99 }) => p99)) },
        ];
      }),
    ),
  );
