import type { CommandBus } from '@nestjs/cqrs';
import type { SchedulerRegistry } from '@nestjs/schedule';
import { Actors, CommandQueue, type Answer, type SendToTarget, type Submission } from '#commands';
import type { EventStore, Pool } from '#event-store';
import { MemoryStore, type Wire } from '#event-store/testing';
import { CurrentPublisher, Inbox, Relay, TopicMemory, topicNames } from '#kafka';
import { currentOf, ProjectionRunner } from '#projections';
import { Metrics, type Logger } from '#runtime';
import { Timekeeper } from '../../../apps/server/src/timekeeper/timekeeper.js';
import { memoryPool } from './database/pool.js';
import { memoryKafka } from './kafka/client.js';
import { Owner } from './kernel.js';
import { kafkaErrors, Link, newLine, postgresErrors } from './weather.js';
import { PREFIX, type World } from './world.js';

const TICK_MS = 400;
/** Shorter than the product's, so that others take over within a short simulation. */
const LEASE_MS = 1_500;
/** So few that some are let go of and read again. */
const STATES = 5;
const GROUP = 'simulation';

/** One life of a process: the product's own parts, on a log, a database and a broker in memory. */
export class Replica {
  readonly owner: Owner;
  readonly queue: CommandQueue;
  readonly #postgres: Link;
  readonly #kafka: Link;
  readonly #store: MemoryStore;
  readonly projections: ProjectionRunner;
  readonly pool: Pool;
  readonly #inbox: Inbox;
  readonly #relay: Relay;
  readonly #current: CurrentPublisher;
  readonly #timekeeper: Timekeeper;
  readonly #calls: Array<() => void> = [];

  constructor(
    private readonly world: World,
    name: string,
    skewMs: number,
  ) {
    const { kernel, tables, log, hints, postgresServer, kafkaServer, weather } = world;
    this.owner = new Owner(name, skewMs);
    kernel.current = this.owner;
    const { owner } = this;
    this.#postgres = new Link(kernel, {
      owner,
      server: postgresServer,
      weather: weather.postgres,
      errors: postgresErrors,
    });
    this.#kafka = new Link(kernel, { owner, server: kafkaServer, weather: weather.kafka, errors: kafkaErrors });
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => kernel.after(ms, owner, resolve));
    const lane = newLine();
    const wire: Wire = {
      lane: (what, carryOut) => this.#postgres.call(what, carryOut, lane),
      pool: (what, carryOut) => this.#postgres.call(what, carryOut),
    };
    this.#store = new MemoryStore(log, hints, wire);
    const store = this.#store as unknown as EventStore;
    this.pool = memoryPool({ tables, link: this.#postgres, owner, sleep });
    const { pool } = this;
    const logger = loggerOf(world, owner);
    this.queue = new CommandQueue({
      store,
      newId: world.newId,
      log: logger,
      maxStates: STATES,
      maxBatch: world.maxBatch,
    });
    this.projections = new ProjectionRunner({ store, pool, log: logger, projections: world.views });
    const client = () =>
      memoryKafka({ kernel, broker: world.broker, owner, link: this.#kafka, sleep, tears: () => world.tears });
    const names = topicNames(PREFIX);
    const ensure = () =>
      this.#kafka.call('ensure', () => new Map([...world.broker.topics].map(([topic, { length }]) => [topic, length])));
    const topics = new TopicMemory(pool, ensure);
    this.#inbox = new Inbox({
      ...{ client, topicPrefix: PREFIX, log: logger, groupId: GROUP, rights: { projects: '*', trustActor: false } },
      ...{ waist: { queue: this.queue, actors }, store, database: pool, topics },
    });
    const publishing = { kafka: client(), topics, database: pool, log: logger, leaseMs: LEASE_MS };
    this.#relay = new Relay(store, names, publishing);
    const view = {
      reaches: (position: number, ms: number) => this.projections.waitForPosition(['current'], position, ms),
      currentOf: (streams: readonly string[]) => currentOf(pool, streams),
    };
    this.#current = new CurrentPublisher(store, view, names.current, publishing);
    this.#timekeeper = timekeeperOf(this, { pool, log: logger });
  }

  start(): void {
    this.world.kernel.current = this.owner;
    this.#inbox.start();
    this.#relay.start();
    this.#current.start();
    this.#timekeeper.start();
    void this.#startViews();
  }

  /** A service that cannot reach its database at its start tries again. */
  async #startViews(): Promise<void> {
    for (;;) {
      try {
        return await this.projections.start();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  submit(submission: Submission): Promise<Answer> {
    return this.queue.submit(submission, { giveUpAfterMs: 10_000 });
  }

  /** What it says of itself. */
  status(): object {
    const current = this.#current.status();
    return { ...this.#relay.status(), current, inbox: this.#inbox.status(), queue: this.queue.stats() };
  }

  /** Called when this life is over. */
  onDeath(call: () => void): void {
    this.#calls.push(call);
  }

  /** SIGKILL: nothing of it goes on, its connections are closed, and what it had sent may still arrive. */
  kill(): void {
    this.owner.isAlive = false;
    this.#postgres.cut();
    this.#kafka.cut();
    for (const transaction of [...this.world.tables.open]) if (transaction.owner === this.owner) transaction.rollback();
    void this.#store.close();
    this.#end();
  }

  #end(): void {
    for (const call of this.#calls) this.world.kernel.after(1, this.world.kernel.world, call);
  }

  /** SIGTERM, in the order of the service. */
  async stop(): Promise<void> {
    await this.#inbox.stop();
    await this.queue.drain();
    await Promise.all([this.#timekeeper.stop(), this.#relay.stop(), this.#current.stop(), this.projections.stop()]);
    await this.#store.close();
    this.owner.isAlive = false;
    this.#end();
  }

  /** SIGSTOP, and SIGCONT after so long. */
  suspend(ms: number): void {
    this.owner.stoppedUntil = this.world.kernel.now + ms;
  }

  cut(which: 'postgres' | 'kafka'): void {
    (which === 'postgres' ? this.#postgres : this.#kafka).cut();
  }

  /** The server died. */
  lose(which: 'postgres' | 'kafka'): void {
    (which === 'postgres' ? this.#postgres : this.#kafka).lose();
  }
}

const loggerOf = (world: World, owner: Owner): Logger => {
  const tell =
    (level: string) =>
    (details: object, message?: string): void => {
      const { err, reason } = details as { err?: Error; reason?: string };
      world.kernel.note(`${owner.name} ${level}: ${message} ${err?.message ?? reason ?? ''}`);
    };
  const quiet = (): void => undefined;
  const logger = {
    debug: quiet,
    trace: quiet,
    info: quiet,
    warn: tell('warn'),
    error: tell('error'),
    fatal: tell('fatal'),
  };
  return { ...logger, child: () => logger } as unknown as Logger;
};

/** The part of Nest's registry that it uses. */
const registry = (): SchedulerRegistry => {
  const intervals = new Map<string, NodeJS.Timeout>();
  const own = {
    addInterval: (name: string, interval: NodeJS.Timeout) => void intervals.set(name, interval),
    doesExist: (_: string, name: string) => intervals.has(name),
    deleteInterval: (name: string) => {
      clearInterval(intervals.get(name));
      intervals.delete(name);
    },
  };
  return own as unknown as SchedulerRegistry;
};

const metrics = new Metrics();

/** Senders name no people. */
const actors = new Actors({ query: () => Promise.reject(new Error('Nobody is named')) });

const timekeeperOf = (
  { queue, projections: views }: Replica,
  { pool, log }: { pool: Pool; log: Logger },
): Timekeeper => {
  const bus = { execute: ({ submission, options }: SendToTarget) => queue.submit(submission, options) };
  return new Timekeeper({
    ...{ bus: bus as unknown as CommandBus, database: pool, projections: views, scheduler: registry() },
    ...{ metrics, log, tickMs: TICK_MS },
  });
};
