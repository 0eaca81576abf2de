import { Inject, Injectable } from '@nestjs/common';
import { EventStore, readCheckpoints, type LogHead, type Pool } from '#event-store';
import { topicNames } from '#kafka';
import { ProjectionRunner, type ProjectionStatus } from '#projections';
import type { Config } from '#runtime';
import type { Loop } from '../../loops.js';
import { CONFIG, LOOPS, WORK_POOL } from '../../parts.js';

export type RelayStanding = Readonly<{
  name: 'events' | 'outcomes' | 'current';
  topic: string;
  position: number;
  lag: number;
}>;
export type StandingNow = Readonly<{
  position: number;
  roles: readonly string[];
  projections: readonly ProjectionStatus[];
  relays: readonly RelayStanding[];
  /** What the loops of this process say of themselves. */
  loops: Readonly<Record<string, object>>;
}>;

const relays = ['events', 'outcomes', 'current'] as const;

/** Where the log stands, and how far everything that follows it has come. */
@Injectable()
export class Standing {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(ProjectionRunner) private readonly projections: ProjectionRunner,
    @Inject(LOOPS) private readonly loops: readonly Loop[],
    @Inject(WORK_POOL) private readonly pool: Pool,
  ) {}

  async now(): Promise<StandingNow> {
    const [head, projections, checkpoints] = await Promise.all([
      this.store.head(),
      this.projections.status(),
      readCheckpoints(this.pool),
    ]);
    return {
      position: head.position,
      roles: [...this.config.roles],
      projections,
      relays: this.hasKafka ? relays.map((name) => this.relay(name, head, checkpoints)) : [],
      loops: Object.fromEntries(this.loops.flatMap(({ name, status }) => (status ? [[name, status()]] : []))),
    };
  }

  get hasKafka(): boolean {
    return Array.isArray(this.config.kafka.brokers);
  }

  /** Outcomes are counted by themselves, the other two by positions of the log. */
  private relay(name: (typeof relays)[number], head: LogHead, checkpoints: ReadonlyMap<string, number>): RelayStanding {
    const topic = topicNames(this.config.kafka.topicPrefix)[name];
    const position = checkpoints.get(`kafka:${topic}`) ?? 0;
    return { name, topic, position, lag: Math.max(0, (name === 'outcomes' ? head.seq : head.position) - position) };
  }
}
