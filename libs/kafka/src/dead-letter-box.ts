import type { Message } from 'kafkajs';
import type { Logger } from '#runtime';
import { halvesOf, sendsOf } from './feed.js';
import { Halted } from './halted.js';
import { untilDone } from './pause.js';
import { isTooLarge, type Sender } from './sender.js';

/** Posts dead letters one send at a time, and tries until the broker has them. */
export class DeadLetterBox {
  /** Letters that the broker has acknowledged since the start. */
  sent = 0;
  /** Why letters are not posted yet; null while none wait for the broker. */
  waitsFor: string | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly sender: () => Promise<Pick<Sender, 'send'>>,
    private readonly topic: string,
    private readonly log: Logger,
  ) {}

  /** Done when all of them lie on the dead topic; rejects only when the signal is given, or `Halted`. */
  async post(letters: readonly Message[], signal: AbortSignal): Promise<void> {
    if (letters.length === 0) return;
    const mine = this.#last
      .then(() => this.#sendAll(letters, signal))
      .finally(() => {
        this.waitsFor = null;
      });
    this.#last = mine.catch(() => undefined);
    await mine;
  }

  async #sendAll(letters: readonly Message[], signal: AbortSignal): Promise<void> {
    const parts = sendsOf(letters.map((message, position) => ({ position, message })));
    while (parts[0]) {
      const part = parts[0];
      const messages = part.map(({ message }) => message);
      const send = async (): Promise<boolean> => {
        const sender = await this.sender();
        return sender.send(this.topic, messages).then(
          () => true,
          (error: unknown) => {
            if (isTooLarge(error) && part.length > 1) return false;
            throw error;
          },
        );
      };
      const sent = await untilDone(send, (error) => this.#failed(error), signal);
      parts.splice(0, 1, ...(sent ? [] : halvesOf(part)!));
      if (sent) this.sent += part.length;
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Halted) throw error;
    const why = isTooLarge(error) ? `raise max.message.bytes of ${this.topic}` : messageOf(error);
    this.waitsFor = `Dead letters are not posted yet, their partition waits for them: ${why}`;
    this.log.error({ err: error, topic: this.topic }, this.waitsFor);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
