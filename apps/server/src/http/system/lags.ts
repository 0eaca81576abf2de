import { Inject, Injectable } from '@nestjs/common';
import { readCheckpoints, waitsBehind, type LogHead, type Pool } from '#event-store';
import { published, topicNames } from '#kafka';
import type { ProjectionStatus } from '#projections';
import type { Config } from '#runtime';
import { newestCheckpoint } from '../../audit/audit-tables.js';
import { CONFIG, WORK_POOL } from '../../parts.js';

export type RelayPosition = Readonly<{
  name: (typeof published)[number];
  topic: string;
  position: number;
  lag: number;
}>;

/** How far the log is sealed; `signedAt` is null before the first checkpoint. */
export type SealedPosition = Aged<{ position: number; lag: number }> & Readonly<{ signedAt: string | null }>;

/** `lagSeconds` is how long the oldest entry of the log that was not reached yet has been waiting. */
export type Aged<T> = T & Readonly<{ lagSeconds: number }>;

/** How far behind the log is what follows it, whichever replica runs it: asked of Postgres alone. */
@Injectable()
export class Lags {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(WORK_POOL) private readonly pool: Pool,
  ) {}

  /** How far the log has been published; nothing where the service runs without Kafka. */
  async ofRelays(head: LogHead): Promise<Aged<RelayPosition>[]> {
    const { brokers, topicPrefix } = this.config.kafka;
    if (!Array.isArray(brokers)) return [];
    const checkpoints = await readCheckpoints(this.pool);
    const relays = published.map((name) => {
      const topic = topicNames(topicPrefix)[name];
      const position = checkpoints.get(`kafka:${topic}`) ?? 0;
      return { name, topic, position, lag: Math.max(0, head[countedBy(name)] - position) };
    });
    const aged = (['position', 'seq'] as const).map((counted) =>
      this.aged(
        relays.filter(({ name }) => countedBy(name) === counted),
        counted,
      ),
    );
    const known = new Map((await Promise.all(aged)).flat().map((relay) => [relay.name, relay]));
    return published.map((name) => known.get(name)!);
  }

  /** How far the log is sealed, and when the newest checkpoint was signed. */
  async ofSealer(head: LogHead): Promise<SealedPosition> {
    const newest = await newestCheckpoint(this.pool);
    const position = newest?.size ?? 0;
    const [aged] = await this.aged([{ position, lag: Math.max(0, head.position - position) }], 'position');
    return { ...aged!, signedAt: newest?.time ?? null };
  }

  ofProjections(statuses: readonly ProjectionStatus[]): Promise<Aged<ProjectionStatus>[]> {
    return this.aged(statuses, 'position');
  }

  private async aged<T extends { position: number; lag: number }>(
    those: readonly T[],
    counted: 'position' | 'seq',
  ): Promise<Aged<T>[]> {
    const seconds = await waitsBehind(
      this.pool,
      counted,
      those.map(({ position }) => position),
    );
    // What was appended since the head was read counts for the next time.
    return those.map((each, i) => ({ ...each, lagSeconds: each.lag === 0 ? 0 : seconds[i]! }));
  }
}

/** Outcomes are counted by themselves, all else by positions of the log: a checkpoint reaches as far as it vouches for. */
const countedBy = (name: RelayPosition['name']): 'position' | 'seq' => (name === 'outcomes' ? 'seq' : 'position');
