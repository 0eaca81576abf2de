import type { LogEvent } from './log-events.js';
import type { LogPage } from './read-log.js';

/** Events that are kept, and how many bytes of their data. */
const EVENTS = 6_000;
const BYTES = 2 ** 23;

/**
 * The end of the log as it was read last, so that each event is read and parsed once for all views: they go at their own
 * pace and stand at different places, but near each other as a rule. Who asks for anything else reads it.
 */
export class RecentEvents {
  readonly #underWay = new Map<number, Promise<LogPage>>();
  #events: readonly LogEvent[] = [];
  #end = 0;

  constructor(
    private readonly read: (after: number) => Promise<LogPage>,
    private readonly limit: number,
  ) {}

  /** The log is known to reach this position: whoever is woken by that has something to read. */
  grew(position: number): void {
    this.#end = Math.max(this.#end, position);
  }

  /** The page behind a position, as `read` answers it, of at most `limit` events. */
  page(after: number): Promise<LogPage> {
    const known = this.#behind(after);
    const last = known.at(-1);
    if (last) return Promise.resolve({ events: known, isFull: last.position! < this.#end });
    const page = this.#underWay.get(after) ?? this.#readNext(after);
    this.#underWay.set(after, page);
    return page;
  }

  #behind(after: number): readonly LogEvent[] {
    const first = this.#events[0]?.position;
    if (first == null || after < first - 1) return [];
    // Positions have no gaps.
    const from = after - first + 1;
    return this.#events.slice(from, from + this.limit);
  }

  async #readNext(after: number): Promise<LogPage> {
    try {
      const page = await this.read(after);
      this.#keep(page.events);
      return page;
    } finally {
      this.#underWay.delete(after);
    }
  }

  /** Only what goes on behind what is kept: a view that is far behind does not take the others' place. */
  #keep(events: readonly LogEvent[]): void {
    const [first] = events;
    if (!first) return;
    const last = this.#events.at(-1);
    if (last && first.position! <= last.position!) return;
    const all = last?.position === first.position! - 1 ? [...this.#events, ...events] : events;
    let from = all.length;
    for (let bytes = 0; from > 0 && all.length - from < EVENTS; from -= 1) {
      bytes += all[from - 1]!.bytes;
      if (bytes > BYTES) break;
    }
    this.#events = all.slice(from);
  }
}
