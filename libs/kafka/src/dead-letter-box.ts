import type { Message } from 'kafkajs';
import type { Logger } from '#runtime';
import { sendsOf } from './feed.js';
import { Halted } from './halted.js';
import { untilDone } from './pause.js';
import type { Sender } from './sender.js';

/** Posts dead letters one send at a time, and tries until the broker has them. */
export class DeadLetterBox {
  /** Letters that the broker has acknowledged since the start. */
  sent = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly sender: () => Promise<Pick<Sender, 'send'>>,
    private readonly topic: string,
    private readonly log: Logger,
  ) {}

  /** Done when all of them lie on the dead topic; rejects only when the signal is given, or `Halted`. */
  async post(letters: readonly Message[], signal: AbortSignal): Promise<void> {
    if (letters.length === 0) return;
    const mine = this.#last.then(() => this.#sendAll(letters, signal));
    this.#last = mine.catch(() => undefined);
    await mine;
  }

  async #sendAll(letters: readonly Message[], signal: AbortSignal): Promise<void> {
    const items = letters.map((message, position) => ({ position, message }));
    for (const part of sendsOf(items)) {
      const messages = part.map(({ message }) => message);
      await untilDone(async () => (await this.sender()).send(this.topic, messages), (error) => this.#failed(error), signal);
      this.sent += part.length;
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Halted) throw error;
    this.log.error({ err: error, topic: this.topic }, 'Dead letters are not posted yet; their partition waits for them');
  }
}
