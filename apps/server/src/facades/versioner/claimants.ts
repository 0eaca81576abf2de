import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ClaimedBy } from '#domain';
import { keepingPlans, readMember, type Pool, type Queryable } from '#event-store';
import { Names } from '../../http/names.js';
import { POOL } from '../../parts.js';
import type { Seen } from '../facade-reads.js';

const REMEMBERED = 50_000;
/** Stands for the id of one who is not named. */
const NOBODY = '';

/** Those who are said to have made deployments. */
@Injectable()
export class Claimants {
  private readonly planned: Queryable;
  /** Their opaque ids, by the ids of the deployments. */
  private readonly claims = new LRUCache<number, string>({ max: REMEMBERED });

  constructor(
    @Inject(Names) private readonly names: Names,
    @Inject(POOL) pool: Pool,
  ) {
    this.planned = keepingPlans(pool);
  }

  /** Who is said to have made each of these, where anybody was named. */
  async of(all: readonly Seen[]): Promise<ReadonlyArray<ClaimedBy | undefined>> {
    // The id of a deployment is the position of the event that made it, which stays what it is.
    const strangers = all.map(({ shown: { id } }) => id).filter((id) => !this.claims.has(id));
    if (strangers.length > 0) {
      const claims = await readMember<ClaimedBy>(this.planned, strangers, 'claimedBy');
      for (const id of strangers) this.claims.set(id, claims.get(id)?.id ?? NOBODY);
    }
    const claimed = all.map(({ shown: { id } }) => this.claims.get(id) ?? NOBODY);
    const people = await this.names.of(claimed.filter((id) => id !== NOBODY));
    return claimed.map((id) => people.get(id));
  }
}
