import { CommandBus } from '@nestjs/cqrs';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Actors, CommandQueue } from '#commands';
import type { EventStore, Pool } from '#event-store';
import {
  CheckpointPublisher,
  CurrentPublisher,
  Inbox,
  Relay,
  TopicMemory,
  ensureTopics,
  kafkaClient,
  topicNames,
} from '#kafka';
import { currentOf, type ProjectionRunner } from '#projections';
import type { Config, Logger, Metrics, Role, Tracing } from '#runtime';
import { Sealer } from './audit/sealer.js';
import { checkpointSource } from './audit/checkpoint-source.js';
import { signingKey } from './audit/signing-key.js';
import { observeInbox, observePublishers } from './observers.js';
import { Timekeeper } from './timekeeper/timekeeper.js';

/** Something that a role keeps doing. `status` is for people and for `/status`. */
export type Loop = Readonly<{
  name: string;
  role: Role;
  start(): unknown;
  stop(): Promise<unknown>;
  status?(): object;
}>;

export type LoopParts = Readonly<{
  config: Config;
  log: Logger;
  metrics: Metrics;
  tracing: Tracing;
  store: EventStore;
  pool: Pool;
  projections: ProjectionRunner;
  queue: CommandQueue;
  actors: Actors;
  bus: CommandBus;
  scheduler: SchedulerRegistry;
}>;

/** The loops of this process' roles. */
export function loopsOf(parts: LoopParts): Loop[] {
  const { config } = parts;
  const loops = [projector(parts), sealer(parts), timekeeper(parts), ...kafkaLoops(parts), notifier(parts)];
  return loops.filter(({ role }) => config.roles.has(role));
}

function projector({ projections }: LoopParts): Loop {
  return { name: 'projector', role: 'projector', start: () => projections.start(), stop: () => projections.stop() };
}

function sealer({ config, store, pool, metrics, log }: LoopParts): Loop {
  const part = new Sealer({ store, pool, key: () => signingKey(config), metrics, log });
  return loop('sealer', 'projector', part);
}

function timekeeper({ bus, pool, projections, scheduler, metrics, tracing, log, config }: LoopParts): Loop {
  const { tickMs } = config;
  const { begin } = tracing;
  const keeper = new Timekeeper({ bus, database: pool, projections, scheduler, metrics, begin, log, tickMs });
  return { name: 'timekeeper', role: 'timekeeper', start: () => keeper.start(), stop: () => keeper.stop() };
}

/** This version has no webhooks: the role is taken, and says that it has nothing to do. */
function notifier({ log }: LoopParts): Loop {
  const about = 'This version has no webhooks: the role has nothing to do';
  return {
    name: 'notifier',
    role: 'notifier',
    start: () => log.info({ role: 'notifier' }, about),
    stop: async () => undefined,
    status: () => ({ state: 'idle', about }),
  };
}

/** None where the service runs without Kafka: events wait in the log until a broker is configured. */
function kafkaLoops({ config, log, store, pool, projections, queue, actors, metrics, tracing }: LoopParts): Loop[] {
  const { begin } = tracing;
  const { brokers = 'none', topicPrefix, groupId, projects, trustActor } = config.kafka;
  if (brokers === 'none') return [];
  const options = { brokers, topicPrefix, log };
  const topics = new TopicMemory(pool, () => ensureTopics(kafkaClient(options), topicPrefix));
  const names = topicNames(topicPrefix);
  const observer = observePublishers(metrics, names);
  const publishing = { kafka: kafkaClient(options), topics, database: pool, log, observer, begin };
  const view = {
    reaches: (position: number, timeoutMs: number) => projections.waitForPosition(['current'], position, timeoutMs),
    currentOf: (streams: readonly string[]) => currentOf(pool, streams),
  };
  const inbox = new Inbox({
    client: () => kafkaClient(options),
    topicPrefix,
    log,
    groupId,
    rights: { projects, trustActor },
    waist: { queue, actors },
    store,
    database: pool,
    topics,
    observer: observeInbox(metrics),
    begin,
  });
  const relay = new Relay(store, names, publishing);
  const current = new CurrentPublisher(store, view, names.current, publishing);
  const checkpoints = new CheckpointPublisher(checkpointSource(store, pool), names.checkpoints, publishing);
  return [
    loop('inbox', 'consumer', inbox),
    loop('relay', 'relay', relay),
    loop('current', 'relay', current),
    loop('checkpoints', 'relay', checkpoints),
  ];
}

type Runs = Readonly<{ start(): void; stop(): Promise<void>; status(): object }>;

const loop = (name: string, role: Role, part: Runs): Loop => ({
  name,
  role,
  start: () => part.start(),
  stop: () => part.stop(),
  status: () => part.status(),
});
