import { randomBytes, randomUUID } from 'node:crypto';
import { addMinutes, initialTarget, streamOf, type PlacedEvent, type Time } from '#domain';
import { BEGINNING, change, emptyStream, finish, send, sentAt, type Sending, type Stream } from '#domain/testing';
import {
  createPool,
  EventStore,
  eventStoreMigrations,
  NO_STREAM,
  type Migrations,
  type Pool,
  type StoredEvent,
} from '#event-store';
import { createLogger } from '#runtime';
import { createTestDatabase } from '../../../../test/support/database.js';
import { toLogEvent, type Log, type LogEvent } from '../log-events.js';
import { projectionsMigrations } from '../migrations.js';
import type { Projection } from '../projection.js';
import { withRecovered } from '../recoveries.js';
import { projections, viewNames } from '../projections.js';
import { ProjectionRunner } from '../runner.js';

const TABLES: readonly string[] = viewNames;

/** A target of the tests: commands are decided in memory and their events appended, as the waist does. */
export type Place = Readonly<{ project: string; key: string; stream: string }>;

export const aPlace = (project = `project-${randomBytes(4).toString('hex')}`, key = 'production'): Place => ({
  project,
  key,
  stream: streamOf(project, key),
});

/** So many minutes after the beginning of all stories. */
export const minute = (count: number): Time => addMinutes(BEGINNING, count);

export const finished = (version: string, at: number): Sending => sentAt(minute(at), finish({ version }));

export const retyped = (environmentType: string, at: number): Sending => {
  const { command } = change({});
  return sentAt(minute(at), { command: { ...command, data: { environmentType } } as typeof command });
};

/** Keeps views up to date while `work` goes on. */
export const running = async (runners: readonly ProjectionRunner[], work: () => Promise<void>): Promise<void> => {
  await Promise.all(runners.map((runner) => runner.start()));
  try {
    await work();
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
};

/** Events as they are stored to events as they are folded. */
export const toLogEvents = (log: Log, stored: readonly StoredEvent[]): Promise<LogEvent[]> =>
  withRecovered(log, stored.map(toLogEvent));

/** A store with views in a database of its own. */
export class World {
  readonly #streams = new Map<string, { stream: Stream; head: string }>();

  private constructor(
    readonly url: string,
    readonly store: EventStore,
    readonly pool: Pool,
    private readonly drop: () => Promise<void>,
  ) {}

  static async create(views: Migrations = projectionsMigrations): Promise<World> {
    const { url, drop } = await createTestDatabase({ migrations: [eventStoreMigrations, views] });
    const store = await EventStore.open({ connectionString: url });
    return new World(url, store, createPool({ connectionString: url, max: 8 }), drop);
  }

  /** Sends these commands, each of which must be accepted, in one append; answers the position of the log after it. */
  async send(place: Place, ...sendings: readonly Sending[]): Promise<number> {
    const decided = this.decide(place, sendings);
    return this.append(place, decided);
  }

  /** The events of these commands, as far as they are accepted. */
  decide(place: Place, sendings: readonly Sending[], strict = true): readonly PlacedEvent[] {
    const { project, key, stream: name } = place;
    const whole = initialTarget(project, key, { history: true });
    const known = this.#streams.get(name) ?? {
      stream: { ...emptyStream, target: initialTarget(project, key), whole },
      head: NO_STREAM,
    };
    const before = known.stream.events.length;
    for (const sending of sendings) {
      const { stream, decision } = send(known.stream, sending);
      if (strict && !('events' in decision)) throw new Error(`Refused: ${JSON.stringify(decision)}`);
      known.stream = stream;
    }
    this.#streams.set(name, known);
    return known.stream.events.slice(before);
  }

  async append(place: Place, decided: readonly PlacedEvent[]): Promise<number> {
    if (decided.length === 0) return (await this.store.head()).position;
    const known = this.#streams.get(place.stream)!;
    const events = decided.map(({ type, data, actor, occurredAt }) => ({
      id: randomUUID(),
      type,
      data: JSON.stringify(data),
      metadata: JSON.stringify({ actor }),
      occurredAt,
    }));
    const { commands, refused } = await this.store.append({
      streams: [{ stream: place.stream, expectedHead: known.head, state: '{}' }],
      commands: [
        {
          stream: 0,
          commandId: randomUUID(),
          fingerprint: randomBytes(32),
          outcome: '{}',
          version: decided.at(-1)!.version,
          events,
        },
      ],
    });
    if (refused.size > 0) throw new Error('The append was refused.');
    known.head = events.at(-1)!.id;
    return commands[0]!.position;
  }

  runner(options: { pool?: Pool; projections?: readonly Projection[]; store?: EventStore } = {}): ProjectionRunner {
    return new ProjectionRunner({
      store: this.store,
      pool: this.pool,
      log: createLogger({ level: 'silent' }),
      ...options,
    });
  }

  /** Brings every view to the end of the log. */
  async catchUp(views: readonly Projection[] = projections): Promise<void> {
    const runner = this.runner({ projections: views });
    await runner.start();
    const { position } = await this.store.head();
    const done = await runner.waitForPosition(
      views.map(({ name }) => name),
      position,
      20_000,
    );
    await runner.stop();
    if (!done)
      throw new Error(`The views did not reach position ${position}: ${JSON.stringify(await runner.status())}`);
  }

  /** Every row of a view, whole, in the order of its key. */
  async rows(view: string): Promise<object[]> {
    if (!TABLES.includes(view)) throw new Error(`No view: ${view}`);
    const { rows } = await this.pool.query(
      `select row_to_json(t)::jsonb as row from ${view} t order by t::text collate "C"`,
    );
    return rows.map(({ row }) => row);
  }

  /** The whole log as views fold it. */
  log(): Promise<LogEvent[]> {
    return this.store.readAll(0, 1_000_000).then((stored) => toLogEvents(this.store, stored));
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.store.close();
    await this.drop();
  }
}
