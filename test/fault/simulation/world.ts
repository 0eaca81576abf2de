import { fromEpochMillis } from '#domain';
import { MemoryLog, type Hints } from '#event-store/testing';
import { topicNames } from '#kafka';
import { projections, type Projection } from '#projections';
import type { CheckpointSample, DeadLetter, OffsetSample } from '../checkers/index.js';
import { Tables, textIn, type Row } from './database/tables.js';
import { Broker, type NewRecord } from './kafka/broker.js';
import { EPOCH_MS, Owner, type Kernel } from './kernel.js';
import { fair } from './weather.js';

/** Views whose statements the memory knows; the others are run against a real database. */
const VIEWS = projections.filter(({ name }) => name === 'current' || name === 'deployments');

export const PREFIX = 'sim.';
const PARTITIONS = 3;

/** Places that are there without a gap, from 1 on. */
class Reached {
  readonly #places = new Set<number>();
  upTo = 0;

  add(place: number): void {
    this.#places.add(place);
    while (this.#places.has(this.upTo + 1)) this.upTo += 1;
  }
}

const deadLetterOf = (headers: NewRecord['headers']): DeadLetter => ({
  partition: Number(String(headers['shiplog-partition'])),
  offset: Number(String(headers['shiplog-offset'])),
  reason: String(headers['shiplog-reason']),
});

/** What a deployment waits for, as the view says. */
export type Wait = Readonly<{
  stream: string;
  project: string;
  target: string;
  kind: string;
  number: number;
  setVersion: number;
  deadline: string;
}>;

/** All that outlives processes: the database, the broker, what the network is like, and what is seen of checkpoints as they move. */
export class World {
  readonly postgresServer = new Owner('postgres');
  readonly kafkaServer = new Owner('kafka');
  readonly weather = { postgres: fair(), kafka: fair() };
  readonly hints: Hints = new Set();
  readonly names = topicNames(PREFIX);
  /** So few that batches are full, and a second one sets out beside the first. */
  readonly maxBatch: number;
  /** Nobody needs more than `current`. */
  readonly views: readonly Projection[];
  readonly log: MemoryLog;
  readonly tables: Tables;
  readonly broker: Broker;
  readonly checkpoints: { relay: CheckpointSample[]; views: CheckpointSample[] } = { relay: [], views: [] };
  readonly offsets: OffsetSample[] = [];
  /** In the order in which they were taken. */
  readonly deadLetters: DeadLetter[] = [];
  /** How far the clock of the database is off, in milliseconds. */
  clockMs = 0;
  /** How often a send to several partitions reaches some of them alone. */
  tears = 0;
  /** An operator, or a broker that lost records, moves what else only goes on. */
  isRepaired = false;
  readonly #published = new Map<string, Reached>();
  #ids = 0;

  constructor(readonly kernel: Kernel) {
    this.maxBatch = kernel.pick([1, 2, 500]);
    this.views = kernel.chance(0.3) ? VIEWS : VIEWS.slice(0, 1);
    const clock = (): string => fromEpochMillis(EPOCH_MS + kernel.now + this.clockMs);
    this.log = new MemoryLog(clock);
    this.tables = new Tables(
      clock,
      () => kernel.now,
      (table, key, row) => this.#sees(table, key, row),
    );
    this.broker = new Broker(kernel, this.kafkaServer, (topic, _, { headers }) => {
      if (topic === this.names.dead) this.deadLetters.push(deadLetterOf(headers));
      this.#reachedOn(topic).add(Number(String(headers['ce_sequence'] ?? '0')));
    });
    for (const topic of Object.values(this.names)) this.broker.make(topic, PARTITIONS);
  }

  /** UUIDv7s in order, the same for the same seed. */
  readonly newId = (): string => {
    this.#ids += 1;
    const time = Math.floor(EPOCH_MS + this.kernel.now)
      .toString(16)
      .padStart(12, '0');
    const count = this.#ids.toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`;
  };

  /** What all deployments wait for, as far as the view has come. */
  waits(): Wait[] {
    return [...this.tables.rowsOf('current').values()].flatMap((row) => {
      const of = { stream: textIn(row, 'stream')!, project: textIn(row, 'project')!, target: textIn(row, 'key')! };
      return (JSON.parse(textIn(row, 'waits') ?? '[]') as Wait[]).map((wait) => ({ ...wait, ...of }));
    });
  }

  #reachedOn(topic: string): Reached {
    const reached = this.#published.get(topic) ?? new Reached();
    this.#published.set(topic, reached);
    return reached;
  }

  #sees(table: string, _: string, row: Row | undefined): void {
    if (row === undefined) return;
    if (table === 'checkpoints') this.#checkpoint(String(row['name']), Number(row['position']));
    if (table === 'command_offsets') {
      const place = { partition: Number(row['partition']), next: Number(row['next']) };
      this.offsets.push({
        ...place,
        outcomes: this.log.outcomes.length,
        deadLetters: this.deadLetters.length,
        byOperator: this.isRepaired,
      });
    }
  }

  #checkpoint(name: string, position: number): void {
    this.kernel.note(`checkpoint ${name} ${position}`);
    const byOperator = this.isRepaired;
    if (name.startsWith('projection:'))
      this.checkpoints.views.push({ name, position, reached: this.log.events.length, byOperator });
    const topic = name.slice('kafka:'.length);
    if (topic === this.names.events || topic === this.names.outcomes)
      this.checkpoints.relay.push({ name, position, reached: this.#reachedOn(topic).upTo, byOperator });
  }
}
