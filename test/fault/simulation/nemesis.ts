import { keyOf } from './database/upsert.js';
import type { Kernel } from './kernel.js';
import { Replica } from './replica.js';
import { fair } from './weather.js';
import type { World } from './world.js';

const HOURS_2 = 7_200_000;

/** Keeps the processes, and breaks things: what, when and for how long the seed draws. */
export class Nemesis {
  readonly replicas: Replica[] = [];
  readonly faults: string[] = [];
  /** The topic lost what it had acknowledged, or what nobody had read: what promises it breaks by that is no fault of ours. */
  lostTail = false;
  /** What was due by it when it was looked at was not yet when it was recorded. */
  clockWentBack = false;
  readonly lostBefore = new Map<number, number>();
  readonly #kernel: Kernel;
  #births = 0;

  constructor(private readonly world: World) {
    this.#kernel = world.kernel;
  }

  get living(): Replica[] {
    return this.replicas.filter(({ owner }) => owner.isAlive);
  }

  start(count: number): void {
    for (let i = 0; i < count; i += 1) this.#bear();
  }

  begin(count: number, withinMs: number): void {
    for (let i = 0; i < count; i += 1)
      this.#kernel.after(60 + this.#kernel.random() * withinMs, this.#kernel.world, () => this.#strike());
  }

  /** Everything is whole again, and stays so. */
  heal(): void {
    Object.assign(this.world.weather.postgres, fair());
    Object.assign(this.world.weather.kafka, fair());
    this.world.tears = 0;
    this.#kernel.note('healed');
  }

  /** Another process takes the place of all. */
  replace(): void {
    for (const replica of this.living) replica.kill();
    this.#bear();
  }

  #bear(): void {
    this.#births += 1;
    const skewMs = this.#kernel.chance(0.3) ? (this.#kernel.random() - 0.5) * 2 * HOURS_2 : 0;
    const replica = new Replica(this.world, `r${this.#births}`, skewMs);
    this.replicas.push(replica);
    replica.start();
    this.#kernel.current = this.#kernel.world;
  }

  #strike(): void {
    const kernel = this.#kernel;
    const strikes: ReadonlyArray<readonly [weight: number, name: string, strike: () => void]> = [
      [20, 'kill', () => this.#kill()],
      [12, 'suspend', () => this.#suspend()],
      [6, 'terminate', () => this.#terminate()],
      [8, 'cut postgres', () => this.#each((replica) => replica.cut('postgres'))],
      [6, 'cut kafka', () => this.#each((replica) => replica.cut('kafka'))],
      [8, 'postgres restarts', () => this.#restart('postgres')],
      [8, 'kafka restarts', () => this.#restart('kafka')],
      [8, 'postgres loses answers', () => this.#spell('postgres', { lostAnswers: 0.3 })],
      [8, 'kafka loses answers', () => this.#spell('kafka', { lostAnswers: 0.4 })],
      [4, 'postgres hangs', () => this.#spell('postgres', { hangsUntil: kernel.now + this.#long() })],
      [4, 'kafka hangs', () => this.#spell('kafka', { hangsUntil: kernel.now + this.#long() })],
      [4, 'slow network', () => this.#spell('postgres', { slow: 0.5 })],
      [5, 'torn sends', () => this.#tear()],
      [6, 'clock of the database jumps', () => this.#jump()],
      [1, 'kafka loses a tail', () => this.#loseTail()],
      [2, 'retention', () => this.#retain()],
    ];
    let draw = kernel.random() * strikes.reduce((sum, [weight]) => sum + weight, 0);
    const [, name, strike] = strikes.find(([weight]) => (draw -= weight) < 0)!;
    this.faults.push(name);
    kernel.note(`fault: ${name}`);
    strike();
  }

  #each(strike: (replica: Replica) => void): void {
    const struck = this.living.filter(() => this.#kernel.chance(0.7));
    struck.forEach(strike);
  }

  #kill(): void {
    if (this.living.length === 0) return;
    const victim = this.#kernel.pick(this.living);
    victim.kill();
    this.#kernel.after(20 + this.#kernel.random() * 700, this.#kernel.world, () => this.#bear());
  }

  #terminate(): void {
    if (this.living.length < 2) return;
    const victim = this.#kernel.pick(this.living);
    this.#kernel.after(0, victim.owner, () => void victim.stop());
    this.#kernel.after(this.#kernel.random() * 500, this.#kernel.world, () => this.#bear());
  }

  #suspend(): void {
    if (this.living.length === 0) return;
    this.#kernel.pick(this.living).suspend(this.#kernel.pick([100, 400, 1_500, 3_000]) * (0.5 + this.#kernel.random()));
  }

  #restart(which: 'postgres' | 'kafka'): void {
    this.world.weather[which].isDown = true;
    for (const replica of this.living) replica.lose(which);
    if (which === 'postgres') for (const transaction of [...this.world.tables.open]) transaction.rollback();
    this.#kernel.after(30 + this.#kernel.random() * 1_200, this.#kernel.world, () => {
      this.world.weather[which].isDown = false;
    });
  }

  #spell(which: 'postgres' | 'kafka', weather: Partial<World['weather']['postgres']>): void {
    const own = this.world.weather[which];
    Object.assign(own, weather);
    this.#kernel.after(200 + this.#kernel.random() * 1_000, this.#kernel.world, () =>
      Object.assign(own, { lostAnswers: 0, slow: 0.01 }),
    );
  }

  #tear(): void {
    this.world.tears = 0.5;
    this.#kernel.after(500 + this.#kernel.random() * 1_000, this.#kernel.world, () => (this.world.tears = 0));
  }

  /** Mostly shorter than anybody's patience. */
  #long(): number {
    return this.#kernel.chance(0.03) ? 40_000 : 100 + this.#kernel.random() * 1_500;
  }

  #jump(): void {
    const ms = this.#kernel.pick([-HOURS_2, -2_000, 1_000, 3_000, HOURS_2]);
    this.clockWentBack ||= ms < 0;
    this.world.clockMs += ms;
  }

  #loseTail(): void {
    const { broker, names } = this.world;
    const topic = this.#kernel.pick([names.events, names.outcomes]);
    this.lostTail = this.world.isRepaired = true;
    broker.loseTail(topic, this.#kernel.upTo(3), 1 + this.#kernel.upTo(5));
  }

  /** Nobody reads for a while, and then what came meanwhile is gone: the partition halts until an operator has looked. */
  #retain(): void {
    for (const replica of this.living) replica.suspend(300);
    this.#kernel.after(250, this.#kernel.world, () => this.#remove(this.#kernel.upTo(3)));
  }

  #remove(partition: number): void {
    const { broker, names, tables } = this.world;
    const { high } = broker.marks(names.commands)[partition]!;
    broker.retain(names.commands, partition, high);
    this.lostBefore.set(partition, high);
    this.#kernel.after(3_000, this.#kernel.world, () => {
      const place = keyOf(names.commands, partition);
      const next = Number(tables.rowsOf('command_offsets').get(place)?.['next'] ?? 0);
      if (next >= high) return;
      this.world.isRepaired = true;
      const operator = tables.begin('operator');
      operator.set('command_offsets', place, { topic: names.commands, partition, next: high });
      operator.commit();
      this.world.isRepaired = this.lostTail;
    });
  }
}
