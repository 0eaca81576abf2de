import type { ServerResponse } from 'node:http';

/** What may be on its way to a client that follows the log live: whoever is slower comes again and goes on where he was. */
const MAX_UNSENT = 65_536;
const HEADERS = {
  'content-type': 'text/event-stream',
  // Proxies that keep, compress or gather what passes through them would hold events back.
  'cache-control': 'no-cache, no-store, no-transform',
  'x-accel-buffering': 'no',
};

/** How often a stream says that it is there, and after what time a client that was cut comes again, on the average. */
export const pace = { commentMs: 15_000, retryMs: 1_000 };

/** One open stream of server-sent events. */
export class LiveClient {
  private readonly comments: NodeJS.Timeout;

  constructor(private readonly response: ServerResponse) {
    response.writeHead(200, HEADERS);
    // Clients that lose a replica together should not come back together.
    response.write(`retry: ${Math.round(pace.retryMs * (0.5 + Math.random()))}\n\n`);
    this.comments = setInterval(() => this.comment(), pace.commentMs);
    response.once('close', () => clearInterval(this.comments));
    response.on('error', () => response.destroy());
  }

  static readonly headers: Readonly<Record<string, string>> = HEADERS;

  get isOpen(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }

  onClose(listener: () => void): void {
    this.response.once('close', listener);
  }

  /** Sends what was there before, and resolves when there is room for more: replays are as slow as who reads them. */
  replay(frames: Buffer): Promise<void> {
    if (!this.isOpen || this.response.write(frames)) return Promise.resolve();
    return new Promise((resolve) => {
      const go = (): void => {
        this.response.off('drain', go).off('close', go);
        resolve();
      };
      this.response.on('drain', go).on('close', go);
    });
  }

  /** Sends what has just come; a client that has not taken what came before is dropped. */
  take(frames: Buffer): void {
    if (!this.isOpen) return;
    if (this.response.writableLength > MAX_UNSENT) this.drop();
    else this.response.write(frames);
  }

  /** Ends the stream as one that is to be opened again; what a client does not take is not waited for. */
  end(): void {
    if (this.response.writableNeedDrain) this.drop();
    else if (this.isOpen) this.response.end();
  }

  drop(): void {
    this.response.destroy();
  }

  private comment(): void {
    if (this.isOpen && !this.response.writableNeedDrain) this.response.write(':\n\n');
  }
}
