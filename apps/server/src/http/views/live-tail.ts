import { Inject, Injectable } from '@nestjs/common';
import { EventStore, type RangeEvent } from '#event-store';
import { Bell, type Logger } from '#runtime';
import { LOG } from '../../parts.js';
import { LogReader } from './log-reader.js';

/** How much is handed to the followers before their connections get a turn. */
const PIECE_BYTES = 65_536;
const LOOK_MS = 1_000;

/** An event as it goes out to every follower that wants it. */
export type Frame = Readonly<{ event: RangeEvent; bytes: Buffer }>;

/** Somebody who has all that he wants up to the position `since`, and is to get what comes behind it. */
export type Follower = Readonly<{
  since: number;
  wants(event: RangeEvent): boolean;
  take(frames: Buffer): void;
}>;

/** An event as server-sent events have it: its text is one line, and its position the id to go on from. */
export const frameOf = (position: number, text: string): Buffer => Buffer.from(`id: ${position}\ndata: ${text}\n\n`);

/** The end of the log, read and presented once for all who follow it. While nobody does, it is not read. */
@Injectable()
export class LiveTail {
  private readonly followers = new Set<Follower>();
  private readonly bell = new Bell();
  /** Up to where the followers have been given everything; undefined while there is none. */
  private at: number | undefined;
  /** Up to where the log is known to reach. */
  private end = 0;

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(LogReader) private readonly reader: LogReader,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** From where one may join: everything up to there has to be had already. */
  async position(): Promise<number> {
    return this.at ?? (await this.store.head()).position;
  }

  /** Takes a follower in, unless he lacks what the others have been given: then false, and he has to catch up first. */
  join(follower: Follower): boolean {
    const { at = follower.since } = this;
    if (follower.since < at) return false;
    this.followers.add(follower);
    if (this.at === undefined) void this.follow(at);
    return true;
  }

  leave(follower: Follower): void {
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
      await this.catchUp(this.at);
      await this.bell.sleep(LOOK_MS);
    }
    end();
    this.at = undefined;
  }

  /** Hands on what stands behind a position. */
  private async catchUp(after: number): Promise<void> {
    try {
      // Whoever is woken by an append knows how far it came; else this looks for itself.
      const stretch = this.end > after ? { after, upTo: this.end } : { after };
      for await (const { events } of this.reader.read({}, stretch)) {
        for (const piece of piecesOf(events, await this.reader.texts(events))) {
          this.hand(piece);
          this.at = piece.at(-1)!.event.position;
          await new Promise(setImmediate);
        }
      }
    } catch (error) {
      // Nobody has missed anything: the same is read again.
      this.log.debug({ err: error }, 'The end of the log could not be read');
    }
  }

  private hand(piece: readonly Frame[]): void {
    const whole = Buffer.concat(piece.map(({ bytes }) => bytes));
    for (const follower of this.followers) {
      const wanted = piece.filter(({ event }) => event.position > follower.since && follower.wants(event));
      if (wanted.length === piece.length) follower.take(whole);
      else if (wanted.length > 0) follower.take(Buffer.concat(wanted.map(({ bytes }) => bytes)));
    }
  }
}

function* piecesOf(events: readonly RangeEvent[], texts: readonly string[]): Generator<Frame[]> {
  let piece: Frame[] = [];
  let size = 0;
  for (const [index, event] of events.entries()) {
    const bytes = frameOf(event.position, texts[index]!);
    if (size > 0 && size + bytes.length > PIECE_BYTES) {
      yield piece;
      [piece, size] = [[], 0];
    }
    piece.push({ event, bytes });
    size += bytes.length;
  }
  if (size > 0) yield piece;
}
