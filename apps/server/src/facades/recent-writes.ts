import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

const PROJECTS = 10_000;

/**
 * How far the log stood after what this process last wrote to each project for a client of a dialect. Those clients know no
 * `min_position`, and read at once what they wrote: through the same replica they find it.
 */
@Injectable()
export class RecentWrites {
  private readonly positions = new LRUCache<string, number>({ max: PROJECTS });

  note(project: string, position: number): void {
    if (position > this.of(project)) this.positions.set(project, position);
  }

  /** 0 where there is nothing to wait for. */
  of(project: string): number {
    return this.positions.get(project) ?? 0;
  }
}
