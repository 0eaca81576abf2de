import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { keepingPlans, readStreamEvents, type Pool, type Queryable, type StoredEvent } from '#event-store';
import { POOL } from '../parts.js';
import type { Carried } from './facade-commands.js';

/** So many events of a target are looked at for the deployment that is reported. */
const EVENTS = 60;
/** Of the data of events, as they are stored; what is known by them takes about as much again. */
const MAX_CHARACTERS = 4_000_000;

/** As far as reports are decided by it. */
export type LastEvent = Pick<StoredEvent, 'type' | 'version' | 'position' | 'data' | 'occurredAt'>;

/** The last events of targets. A pipeline reports of the same ones again and again: what was read once is not read again. */
@Injectable()
export class LastEvents {
  private readonly known = new LRUCache<string, readonly LastEvent[]>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (events) => 1 + events.reduce((sum, { data }) => sum + data.length, 0),
  });
  private readonly planned: Queryable;

  constructor(@Inject(POOL) pool: Pool) {
    this.planned = keepingPlans(pool);
  }

  /** As the log has them now, newest first. */
  async of(stream: string): Promise<readonly LastEvent[]> {
    const known = this.known.get(stream) ?? [];
    const after = known[0]?.version ?? 0;
    const since = await readStreamEvents(this.planned, stream, { after, limit: EVENTS, newestFirst: true });
    if (since.length === 0) return known;
    const events = [...since, ...known].slice(0, EVENTS);
    this.known.set(stream, events);
    return events;
  }

  /**
   * As this process last saw them, if it did. Others may have written since: what is decided by them is sent with the version of
   * the last one.
   */
  atHand(stream: string): readonly LastEvent[] | undefined {
    return this.known.get(stream);
  }

  /** What this process wrote, where nothing lies between that and what is known. */
  note(stream: string, { outcome: { events }, appended = [] }: Carried): void {
    const known = this.known.get(stream) ?? [];
    if (appended.length === 0 || events[0]!.version !== (known[0]?.version ?? 0) + 1) return;
    const last = appended.map(({ data, occurredAt }, n) => ({ ...events[n]!, data, occurredAt }));
    this.known.set(stream, [...last.toReversed(), ...known].slice(0, EVENTS));
  }
}
