import { Inject, Injectable } from '@nestjs/common';
import { EventStore, passes, type EventFilter, type RangeEvent } from '#event-store';
import { Bell, type Logger } from '#runtime';
import { LOG } from '../../parts.js';
import { levelOf } from '../problem.js';
import type { LiveClient } from './live-client.js';
import { LogReader } from './log-reader.js';

/** How much clients are given before their connections get a turn; to those who catch up it is read in such pieces. */
const PIECE_BYTES = 65_536;
/** So many of them are given it in one go: a write takes 10 to 20 us, and requests wait meanwhile. */
const CLIENTS_AT_ONCE = 100;
const LOOK_MS = 1_000;

/** Whose stream it is, of which events, and behind which position. */
export type Subscription = Readonly<{ client: LiveClient; filter: EventFilter; after: number }>;
/** An event as it goes out to everybody who wants it. */
type Frame = Readonly<{ event: RangeEvent; bytes: Buffer }>;

/**
 * Gives each client every event of its filter once and in order: what stands in the log already by reading it for him alone,
 * what comes by reading the end of the log once for all. While nobody has come so far, the end is not read.
 */
@Injectable()
export class LiveTail {
  private readonly followers = new Set<Subscription>();
  private readonly bell = new Bell();
  /** Up to where all followers have been given everything; undefined while there is none. */
  private at: number | undefined;
  /** Up to where the log is known to reach. */
  private end = 0;

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(LogReader) private readonly reader: LogReader,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Resolves when the client has caught up and follows, or has gone. */
  async serve({ client, filter, after: start }: Subscription): Promise<void> {
    for (let after = start; client.isOpen;) {
      const end = this.at ?? (await this.store.head()).position;
      if (after >= end && this.join({ client, filter, after })) return;
      await this.replay({ client, filter, after }, end);
      after = Math.max(after, end);
    }
  }

  private async replay({ client, filter, after }: Subscription, upTo: number): Promise<void> {
    for await (const { events } of this.reader.read(filter, { after, upTo, bytesAtOnce: PIECE_BYTES })) {
      const frames = await this.frames(events);
      if (frames.length > 0) await client.replay(joined(frames));
      if (!client.isOpen) return;
    }
  }

  /** False where the others have been given more than the client has: he has to catch up first. */
  private join(follower: Subscription): boolean {
    const { at = follower.after } = this;
    if (follower.after < at || !follower.client.isOpen) return false;
    this.followers.add(follower);
    follower.client.onClose(() => this.leave(follower));
    if (this.at === undefined) void this.follow(at);
    return true;
  }

  private leave(follower: Subscription): void {
    this.followers.delete(follower);
    if (this.followers.size === 0) this.bell.ring();
  }

  private async follow(since: number): Promise<void> {
    this.at = since;
    const end = this.store.onAppend((position) => {
      this.end = position;
      this.bell.ring();
    });
    while (this.followers.size > 0) {
      await this.handOnBehind(this.at);
      await this.bell.sleep(LOOK_MS);
    }
    end();
    this.at = undefined;
  }

  private async handOnBehind(after: number): Promise<void> {
    try {
      // Whoever is woken by an append knows how far it came; else this looks for itself.
      const stretch = this.end > after ? { after, upTo: this.end } : { after };
      for await (const { events } of this.reader.read({}, stretch)) {
        for (const piece of piecesOf(await this.frames(events))) {
          await this.handOn(piece);
          this.at = piece.at(-1)!.event.position;
          await othersTurn();
        }
      }
    } catch (error) {
      // Nobody has missed anything: the same is read again.
      this.log[levelOf(error)]({ err: error }, 'The end of the log could not be read');
    }
  }

  /** Whoever joins meanwhile is met as well: a set is walked to the end that it has by then. */
  private async handOn(piece: readonly Frame[]): Promise<void> {
    const whole = joined(piece);
    let met = 0;
    for (const { client, filter, after } of this.followers) {
      const wanted = piece.filter(({ event }) => event.position > after && passes(filter, event));
      if (wanted.length > 0) client.take(wanted.length === piece.length ? whole : joined(wanted));
      met += 1;
      if (met % CLIENTS_AT_ONCE === 0) await othersTurn();
    }
  }

  /** Each text is one line, and its position the id to go on from. */
  private async frames(events: readonly RangeEvent[]): Promise<Frame[]> {
    const texts = await this.reader.texts(events);
    return events.map((event, index) => ({
      event,
      bytes: Buffer.from(`id: ${event.position}\ndata: ${texts[index]}\n\n`),
    }));
  }
}

const othersTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const joined = (frames: readonly Frame[]): Buffer => Buffer.concat(frames.map(({ bytes }) => bytes));

function* piecesOf(frames: readonly Frame[]): Generator<Frame[]> {
  let piece: Frame[] = [];
  let size = 0;
  for (const frame of frames) {
    if (size > 0 && size + frame.bytes.length > PIECE_BYTES) {
      yield piece;
      [piece, size] = [[], 0];
    }
    piece.push(frame);
    size += frame.bytes.length;
  }
  if (size > 0) yield piece;
}
