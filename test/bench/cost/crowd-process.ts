import { connect, type Socket } from 'node:net';

import { serve } from '../frame/peer.js';

/** So many connections are opened at once: a listener's queue is short. */
const AT_ONCE = 50;

/** An event on its way: how many have it by now, and when the last of them got it, as milliseconds since 1970. */
type Arrival = { count: number; at: number };
export type Seen = Readonly<{ position: number; clients: number; at: number }>;

/** Clients of the live stream: plain sockets that read the ids of what comes, and nothing more. */
class Crowd {
  readonly #sockets: Socket[] = [];
  readonly #arrivals = new Map<number, Arrival>();
  #lost = 0;

  constructor(
    private readonly url: URL,
    private readonly tokens: readonly string[],
  ) {}

  /** Resolves when so many streams are open; rejects with the first refusal. */
  async grow(to: number): Promise<void> {
    while (this.#sockets.length < to) {
      const missing = Math.min(AT_ONCE, to - this.#sockets.length);
      await Promise.all(Array.from({ length: missing }, () => this.#open()));
    }
  }

  shrink(): void {
    for (const socket of this.#sockets.splice(0)) socket.removeAllListeners('close').destroy();
  }

  /** Who got these events, and when the last one did. */
  seen(positions: readonly number[]): Seen[] {
    return positions.map((position) => {
      const { count, at } = this.#arrivals.get(position) ?? { count: 0, at: NaN };
      return { position, clients: count, at };
    });
  }

  get lost(): number {
    return this.#lost;
  }

  #open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(this.url.port), this.url.hostname);
      const token = this.tokens[this.#sockets.length % this.tokens.length]!;
      this.#sockets.push(socket);
      socket.setEncoding('latin1').on('error', reject);
      socket.write(
        `GET /api/v1/events/live HTTP/1.1\r\nHost: ${this.url.host}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      );
      socket.once('data', (head: string) => {
        if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(`Refused: ${head}`));
        this.#read(socket, head);
        resolve();
      });
      socket.once('close', () => (this.#lost += 1));
    });
  }

  #read(socket: Socket, head: string): void {
    let rest = head;
    socket.on('data', (chunk: string) => {
      const text = rest + chunk;
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      for (const [, id] of text.slice(0, end).matchAll(/^id: (\d+)$/gm)) this.#arrived(Number(id));
    });
  }

  #arrived(position: number): void {
    const arrival = this.#arrivals.get(position) ?? { count: 0, at: 0 };
    arrival.count += 1;
    arrival.at = performance.timeOrigin + performance.now();
    this.#arrivals.set(position, arrival);
  }
}

const open = async (url: string, ...tokens: string[]) => {
  const crowd = new Crowd(new URL(url), tokens);
  return {
    grow: (to: number) => crowd.grow(to),
    shrink: async () => crowd.shrink(),
    seen: async (positions: readonly number[]) => crowd.seen(positions),
    lost: async () => crowd.lost,
    close: async () => crowd.shrink(),
  };
};

export type CrowdMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((url, ...tokens) => open(url!, ...tokens));
