import { LRUCache } from 'lru-cache';

/** As precise as "last used" is; and as often as it is written, for each token and replica. */
const MINUTE = 60_000;
const KNOWN = 10_000;

/** Writes down when tokens were used last, behind the requests and never on their way. */
export class TokenUse {
  private readonly written = new LRUCache<string, true>({ max: KNOWN, ttl: MINUTE });
  private waiting = new Set<string>();
  private isWriting = false;

  constructor(private readonly write: (ids: readonly string[]) => Promise<void>) {}

  note(id: string): void {
    if (this.written.has(id)) return;
    this.written.set(id, true);
    this.waiting.add(id);
    if (!this.isWriting) void this.flush();
  }

  private async flush(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.size > 0) {
      const ids = [...this.waiting];
      this.waiting = new Set();
      // Nobody waits for it, and the next use tries again.
      await this.write(ids).catch(() => ids.forEach((id) => this.written.delete(id)));
    }
    this.isWriting = false;
  }
}
