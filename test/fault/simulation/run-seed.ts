import {
  checkAnswers,
  checkCheckpoints,
  checkCurrentTopic,
  checkDeadlines,
  checkDumps,
  checkInbound,
  checkOverdue,
  checkStore,
  checkTopic,
  digestOf,
  eventsToPublish,
  outcomesToPublish,
  standingOf,
  type Digest,
  type Violation,
} from '../checkers/index.js';
import { textIn } from './database/tables.js';
import { unknownStatements } from './database/statements.js';
import { recordsOf } from './evidence.js';
import { dumpsOf, standsOf, type Stand } from './folds.js';
import { Kernel } from './kernel.js';
import { Nemesis } from './nemesis.js';
import { installViews } from './install-views.js';
import { Senders } from './senders.js';
import { useKernel } from './virtual-time.js';
import { World } from './world.js';

const TROUBLE_MS = 800;
const QUIET_MS = 60_000;
/** What may still be overtaken on the compacted topic is published again after a minute. */
const CURRENT_MS = 75_000;
/** Of eight seeds one has senders who race with deadlines. */
const isRacing = (seed: number): boolean => seed % 8 === 4;
const TAIL_MS = 40;
const SLICE_MS = 25;
const AGAIN_MS = 3_000;

export type Run = Readonly<{
  seed: number;
  violations: readonly Violation[];
  /** The same for every run of the seed. */
  digest: string;
  faults: readonly string[];
  commands: number;
  events: number;
  duplicates: number;
  unknown: number;
  virtualMs: number;
  steps: number;
  trace: readonly string[];
}>;

/** One whole life of the system: senders, faults, quiet, judgement. Nothing but the seed decides what happens. */
export class Simulation {
  readonly #kernel: Kernel;
  readonly #world: World;
  readonly #nemesis: Nemesis;
  readonly #senders: Senders;
  readonly #tailed: number[] = [];
  readonly #digests: Digest[] = [];
  readonly #stands: Stand[] = [];
  readonly #crashes: string[] = [];
  readonly #toTheEnd: boolean;
  #atRest = true;

  constructor(private readonly seed: number) {
    this.#kernel = new Kernel(seed);
    useKernel(this.#kernel);
    this.#world = new World(this.#kernel);
    installViews(this.#world.tables, this.#world.views);
    this.#nemesis = new Nemesis(this.#world);
    this.#senders = new Senders(this.#world, () => this.#nemesis.living, isRacing(seed));
    this.#toTheEnd = this.#kernel.chance(0.02);
  }

  async run(): Promise<Run> {
    const crash = (error: unknown): void =>
      void this.#crashes.push(error instanceof Error ? `${error.stack}` : String(error));
    process.on('unhandledRejection', crash);
    try {
      await this.#live();
    } finally {
      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', crash);
    }
    const violations = await this.#judge();
    return this.#told(violations);
  }

  async #live(): Promise<void> {
    const kernel = this.#kernel;
    this.#nemesis.start(kernel.pick([1, 1, 2, 2, 2, 3]));
    this.#senders.begin(6 + kernel.upTo(12), TROUBLE_MS);
    this.#nemesis.begin(kernel.upTo(5), TROUBLE_MS);
    this.#tail();
    kernel.after(kernel.random() * TROUBLE_MS, kernel.world, () => this.#look());
    await kernel.run(TROUBLE_MS + 400);
    this.#nemesis.heal();
    for (const late = kernel.now + QUIET_MS; kernel.now < late && !this.#isQuiet();)
      await kernel.run(kernel.now + SLICE_MS);
    if (this.#nemesis.lostTail) await this.#startAgain();
    this.#atRest = this.#isQuiet();
    if (!this.#atRest)
      for (const each of this.#nemesis.living) kernel.note(`not at rest: ${JSON.stringify(each.status())}`);
    if (this.#toTheEnd) await kernel.run(kernel.now + CURRENT_MS);
    this.#look();
    this.#readOn();
    for (const { owner } of this.#nemesis.replicas) owner.isAlive = false;
  }

  /** What the broker lost is seen when somebody begins to publish, or sends to that partition. */
  async #startAgain(): Promise<void> {
    this.#nemesis.replace();
    const late = this.#kernel.now + AGAIN_MS;
    await this.#kernel.run(late);
    while (this.#kernel.now < late + QUIET_MS && !this.#isQuiet()) await this.#kernel.run(this.#kernel.now + SLICE_MS);
  }

  /** Knows nothing of the log but `position > last`. */
  #tail(): void {
    this.#readOn();
    this.#kernel.after(TAIL_MS * this.#kernel.random(), this.#kernel.world, () => this.#tail());
  }

  #readOn(): void {
    const last = this.#tailed.at(-1) ?? 0;
    for (const { position } of this.#world.log.behind(last, 100)) this.#tailed.push(position);
  }

  #look(): void {
    const { events } = this.#world.log;
    this.#digests.push({ count: events.length, digest: digestOf(events) });
    this.#stands.push(...standsOf(this.#world.tables, this.#world.views));
  }

  /** Nothing is under way any more: whatever is not as it should be will stay so. */
  #isQuiet(): boolean {
    const { log, names, broker, tables, views } = this.#world;
    if (this.#senders.open > 0 || this.#nemesis.living.length === 0) return false;
    const at = (name: string): number => Number(tables.rowsOf('checkpoints').get(name)?.['position'] ?? 0);
    const isPublished =
      at(`kafka:${names.events}`) === log.events.length && at(`kafka:${names.outcomes}`) === log.outcomes.length;
    const isFolded = views.every(({ name }) => at(`projection:${name}`) === log.events.length);
    if (!isPublished || !isFolded) return false;
    const offsets = tables.rowsOf('command_offsets');
    const isRead = broker
      .marks(names.commands)
      .every(({ partition, high }) => Number(offsets.get(`${names.commands}\0${partition}`)?.['next'] ?? 0) >= high);
    return isRead && !this.#isDue();
  }

  #isDue(): boolean {
    const now = this.#world.log.now();
    return [...this.#world.tables.rowsOf('current').values()].some((row) => (textIn(row, 'due') ?? '~') <= now);
  }

  async #judge(): Promise<Violation[]> {
    const { log, names, checkpoints, deadLetters, offsets: samples } = this.#world;
    const { events, outcomes } = log;
    const dumps = await dumpsOf(this.#world, this.#stands);
    const { current, overdue, early } = standingOf(events, log.now());
    const inbound = { records: this.#senders.records, outcomes, deadLetters, samples, lost: this.#nemesis.lostBefore };
    return [
      ...checkStore({ events, outcomes, digests: this.#digests, tailed: this.#tailed }),
      ...checkAnswers(this.#senders.operations, { events, outcomes }),
      ...checkInbound(inbound, this.#senders.elsewhere),
      ...checkTopic(eventsToPublish(events), recordsOf(this.#world, names.events), this.#nemesis.lostTail),
      ...checkTopic(outcomesToPublish(outcomes), recordsOf(this.#world, names.outcomes), this.#nemesis.lostTail),
      ...(this.#toTheEnd ? checkCurrentTopic(current, recordsOf(this.#world, names.current)) : []),
      ...checkCheckpoints(checkpoints.relay, 'K7'),
      ...checkCheckpoints(checkpoints.views, 'R3'),
      ...checkDumps(dumps),
      ...checkDeadlines(events).filter(({ invariant }) => invariant !== 'T2' || !this.#nemesis.clockWentBack),
      ...checkOverdue(overdue),
      ...early.map((what) => ({ invariant: 'T2', what })),
      ...(this.#atRest
        ? []
        : [{ invariant: 'K8', what: `something is still to be done after ${QUIET_MS / 1_000} quiet seconds` }]),
      ...this.#crashes.map((what) => ({ invariant: 'X1', what })),
      ...[...unknownStatements].map((what) => ({ invariant: 'the memory', what: `does not know: ${what}` })),
    ];
  }

  #told(violations: readonly Violation[]): Run {
    const { log, names } = this.#world;
    const records = recordsOf(this.#world, names.events);
    const { operations } = this.#senders;
    return {
      ...{ seed: this.seed, violations, digest: this.#kernel.digest(), faults: this.#nemesis.faults },
      ...{ commands: log.outcomes.length, events: log.events.length },
      duplicates: records.length - new Set(records.map(({ place }) => place)).size,
      unknown: operations.filter(({ result }) => result === 'unknown').length,
      ...{ virtualMs: this.#kernel.now, steps: this.#kernel.steps, trace: this.#kernel.trace },
    };
  }
}
