import { CommandIdReused, Unavailable, type Answer, type Submission } from '#commands';
import { fingerprintOf, parseKafkaCommand } from '#contracts';
import { fromEpochMillis } from '#domain';
import type { CommandRecord, Operation } from '../checkers/index.js';
import { Intents, type Intent } from './intents.js';
import type { Kernel } from './kernel.js';
import type { Replica } from './replica.js';
import type { World } from './world.js';

const PATIENCE_MS = 12_000;
const RETRY_MS = 400;
const RACES = 20;
const RACE_MS = 4_000;
const RACE_LOOK_MS = 60;
/** The timekeeper looks this often: whoever wants to meet him comes within that after a deadline. */
const TICK_MS = 400;
type Result = Omit<Operation, 'stream' | 'commandId' | 'payload' | 'invokedAt'>;

const submissionOf = ({ stream, key, value, commandId }: Intent): Submission => {
  const read = parseKafkaCommand(
    { key: Buffer.from(key), value: Buffer.from(value), headers: {} },
    { now: fromEpochMillis(Date.now()) },
  );
  const context = { actor: { id: 'ci', kind: 'service' }, occurredAt: read.occurredAt ?? fromEpochMillis(Date.now()) };
  const { expectedVersion } = read;
  return {
    ...{ stream, commandId: commandId!, command: read.command, fingerprint: fingerprintOf(read.fingerprintParts) },
    context: { ...context, ...(expectedVersion === undefined ? {} : { expectedVersion }) } as Submission['context'],
  };
};

const accepted = ({ outcome, target, deployment }: Answer): Result => ({
  ...{ result: outcome.outcome, body: JSON.stringify({ outcome, target, deployment }) },
  ...{ position: outcome.position, version: outcome.version, events: outcome.events },
});

const failed = (error: unknown): Result => {
  if (error instanceof CommandIdReused) return { result: 'reused' };
  if (error instanceof Unavailable) return { result: 'unknown' };
  return { result: 'refused', body: String(error) };
};

/** People and machines that send commands: over REST until they know the outcome, and onto the topic. */
export class Senders {
  readonly operations: Operation[] = [];
  readonly records: CommandRecord[] = [];
  readonly elsewhere = new Set<string>();
  readonly #intents: Intents;
  readonly #kernel: Kernel;
  #open = 0;

  constructor(
    private readonly world: World,
    private readonly replicas: () => readonly Replica[],
    private readonly isRacing: boolean,
  ) {
    this.#kernel = world.kernel;
    this.#intents = new Intents(world.kernel, isRacing);
  }

  /** How many commands have no outcome yet. */
  get open(): number {
    return this.#open;
  }

  /** Has so many commands sent within so many milliseconds. */
  begin(count: number, withinMs: number): void {
    const { world } = this.#kernel;
    this.#intents.beginnings().forEach((intent) => this.#later(5, () => this.#byRest(intent)));
    for (let i = 0; i < count; i += 1)
      this.#kernel.after(50 + this.#kernel.random() * withinMs, world, () => this.#send(this.#intents.next()));
    this.#open += count;
    if (this.isRacing) this.#race();
  }

  /** Whoever sees what a deployment waits for comes when its time has just run out: with a start, which sets its clocks again where it hangs, or a finish. */
  #race(): void {
    const [kernel, met] = [this.#kernel, new Set<string>()];
    const look = (): void => {
      for (const wait of this.world.waits()) {
        const { stream, kind, number, setVersion, deadline } = wait;
        const race = `${stream} ${kind} ${number} ${setVersion} ${deadline}`;
        const inMs = Date.parse(deadline) - Date.parse(this.world.log.now()) + kernel.random() * TICK_MS;
        // By a clock that jumped it may be hours.
        if (kind !== 'time-out' || met.has(race) || met.size === RACES || inMs > RACE_MS) continue;
        met.add(race);
        this.#open += 1;
        kernel.after(inMs, kernel.world, () => this.#byRest(this.#intents.against(wait)));
      }
      if (kernel.now < RACE_MS) kernel.after(RACE_LOOK_MS, kernel.world, look);
    };
    kernel.after(RACE_LOOK_MS, kernel.world, look);
  }

  #later(ms: number, run: () => void): void {
    this.#open += 1;
    this.#kernel.after(this.#kernel.random() * ms, this.#kernel.world, run);
  }

  #send(intent: Intent): void {
    const kernel = this.#kernel;
    const way = kernel.upTo(10);
    if (way < 4) return this.#byRest(intent);
    if (way < 8) {
      this.#byKafka(intent);
      this.#open -= 1;
      return undefined;
    }
    // The same by both ways, or two commands under one id.
    this.#byKafka(way === 8 ? intent : this.#intents.other(intent));
    return this.#byRest(intent);
  }

  #byRest(intent: Intent): void {
    this.elsewhere.add(`${intent.stream} ${intent.commandId}`);
    const again = this.#kernel.chance(0.15) ? 2 : 1;
    for (let i = 1; i < again; i += 1) this.#later(30, () => this.#try(intent, 0));
    this.#try(intent, this.#kernel.chance(0.2) ? 1 : 0);
  }

  /** Sends until it is settled; then so many times more, for everybody gets the same answer. */
  #try(intent: Intent, again: number): void {
    const kernel = this.#kernel;
    const { stream, commandId, value: payload, expectedVersion } = intent;
    const invokedAt = kernel.now;
    let isOver = false;
    const over = (result: Result): void => {
      if (isOver) return;
      isOver = true;
      const known = { stream, commandId: commandId!, payload, invokedAt, returnedAt: kernel.now, ...result };
      this.operations.push(expectedVersion === undefined ? known : { ...known, expectedVersion });
      kernel.note(
        `answer ${commandId} ${result.result} ${result.position ?? ''} ${result.result === 'refused' ? result.body : ''}`,
      );
      if (result.version !== undefined)
        this.#intents.seen.set(stream, Math.max(result.version, this.#intents.seen.get(stream) ?? 0));
      const isOpen = result.result === 'unknown';
      if (!isOpen && again === 0) {
        this.#open -= 1;
        return;
      }
      kernel.after(10 + kernel.random() * RETRY_MS, kernel.world, () => this.#try(intent, isOpen ? again : again - 1));
    };
    this.#ask(intent, over);
    kernel.after(PATIENCE_MS, kernel.world, () => over({ result: 'unknown' }));
  }

  #ask(intent: Intent, over: (result: Result) => void): void {
    const kernel = this.#kernel;
    const living = this.replicas();
    if (living.length === 0) return void kernel.after(20, kernel.world, () => over({ result: 'unknown' }));
    const replica = kernel.pick(living);
    const back = (result: Result): void => {
      // The answer may be lost on its way back, too.
      const told = kernel.chance(0.03) ? { result: 'unknown' as const } : result;
      kernel.after(kernel.random(), kernel.world, () => over(told));
    };
    replica.onDeath(() => over({ result: 'unknown' }));
    kernel.after(kernel.random(), replica.owner, () => {
      replica.submit(submissionOf(intent)).then(
        (answer) => back(accepted(answer)),
        (error: unknown) => back(failed(error)),
      );
    });
    return undefined;
  }

  #byKafka(intent: Intent): void {
    const kernel = this.#kernel;
    const draw = kernel.upTo(20);
    if (draw === 0) this.#produce(intent, Buffer.from('{"type":"No'), undefined);
    const withoutId = draw === 1 && intent.expectedVersion === undefined;
    if (withoutId) return this.#produce(intent, Buffer.from(intent.value.replace(/"commandId":"[^"]*",/, '')), 'made');
    const times = draw < 5 ? 2 : 1;
    for (let i = 0; i < times; i += 1) this.#produce(intent, Buffer.from(intent.value), intent.commandId);
  }

  #produce({ key, stream }: Intent, value: Buffer, commandId: string | undefined): void {
    const { broker, names } = this.world;
    const partition = key.charCodeAt(key.length - 1) % broker.topics.get(names.commands)!.length;
    const offset = broker.append(names.commands, partition, [{ key: Buffer.from(key), value, headers: {} }]);
    const id = commandId === 'made' ? `shiplog:${names.commands}/${partition}/${offset}` : commandId;
    this.#kernel.note(`record ${partition}/${offset} ${id}`);
    this.records.push({ partition, offset, ...(id === undefined ? {} : { stream, commandId: id }) });
  }
}
