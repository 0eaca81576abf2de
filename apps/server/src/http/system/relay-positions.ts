import { Inject, Injectable } from '@nestjs/common';
import { readCheckpoints, type LogHead, type Pool } from '#event-store';
import { topicNames } from '#kafka';
import type { Config } from '#runtime';
import { CONFIG, WORK_POOL } from '../../parts.js';

const published = ['events', 'outcomes', 'current'] as const;

export type RelayPosition = Readonly<{
  name: (typeof published)[number];
  topic: string;
  position: number;
  lag: number;
}>;

/** How far the log has been published, by whichever replica. */
@Injectable()
export class RelayPositions {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(WORK_POOL) private readonly pool: Pool,
  ) {}

  /** None where the service runs without Kafka. */
  async of(head: LogHead): Promise<RelayPosition[]> {
    const { brokers, topicPrefix } = this.config.kafka;
    if (!Array.isArray(brokers)) return [];
    const checkpoints = await readCheckpoints(this.pool);
    return published.map((name) => {
      const topic = topicNames(topicPrefix)[name];
      const position = checkpoints.get(`kafka:${topic}`) ?? 0;
      // Outcomes are counted by themselves, the other two by positions of the log.
      const end = name === 'outcomes' ? head.seq : head.position;
      return { name, topic, position, lag: Math.max(0, end - position) };
    });
  }
}
