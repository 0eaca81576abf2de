import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { passes, type EventFilter, type RangeEvent } from '#event-store';
import { Metrics, type Logger } from '#runtime';
import { LOG } from '../../parts.js';
import type { Identity } from '../auth/identity.js';
import { Tokens } from '../auth/tokens.js';
import { noMore } from '../problem.js';
import { LiveClient } from './live-client.js';
import { LiveTail, frameOf, type Follower } from './live-tail.js';
import { LogReader } from './log-reader.js';

const MAX_STREAMS = 10_000;
/** What a client that catches up is given at a time: there may be many of them, and all of them slow. */
const REPLAY_BYTES = 65_536;
const TOKENS_MS = 1_000;

/** Who opens a stream, of which events, and behind which position. */
export type Opening = Readonly<{ identity: Identity; filter: EventFilter; after: number }>;

/** All open streams of the log. */
@Injectable()
export class LiveStreams {
  private readonly open = new Map<LiveClient, Identity>();
  private watch: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    @Inject(LiveTail) private readonly tail: LiveTail,
    @Inject(LogReader) private readonly reader: LogReader,
    @Inject(Tokens) private readonly tokens: Pick<Tokens, 'stillValid'>,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Throws the refusal where there are too many, or the process stops. */
  admit(): void {
    if (this.ended || this.open.size >= MAX_STREAMS) throw noMore('streams');
  }

  /** Makes a response the stream of all such events behind a position: those that are there, then those that come. */
  begin(response: ServerResponse, opening: Opening): void {
    const client = new LiveClient(response);
    this.open.set(client, opening.identity);
    this.metrics.liveStreams.set(this.open.size);
    client.onClose(() => {
      this.open.delete(client);
      this.metrics.liveStreams.set(this.open.size);
    });
    this.watch ??= setInterval(() => void this.checkTokens(), TOKENS_MS);
    void this.serve(client, opening).catch((error: unknown) => {
      // The client goes on where it was, here or elsewhere.
      this.log.debug({ err: error }, 'A stream was cut');
      client.drop();
    });
  }

  /** Ends all streams, and lets no more begin. */
  end(): void {
    this.ended = true;
    clearInterval(this.watch);
    for (const client of this.open.keys()) client.end();
  }

  private async serve(client: LiveClient, { filter, after }: Opening): Promise<void> {
    const follower = (since: number): Follower => ({
      since,
      wants: (event: RangeEvent) => passes(filter, event),
      take: (frames) => client.take(frames),
    });
    for (let at = after; client.isOpen;) {
      const end = await this.tail.position();
      const joining = follower(at);
      if (at >= end && client.isOpen && this.tail.join(joining)) {
        client.onClose(() => this.tail.leave(joining));
        return;
      }
      await this.replay(client, filter, { after: at, upTo: end });
      at = Math.max(at, end);
    }
  }

  private async replay(client: LiveClient, filter: EventFilter, stretch: { after: number; upTo: number }) {
    for await (const { events } of this.reader.read(filter, { ...stretch, bytesAtOnce: REPLAY_BYTES })) {
      const texts = await this.reader.texts(events);
      const frames = events.map(({ position }, index) => frameOf(position, texts[index]!));
      if (frames.length > 0) await client.replay(Buffer.concat(frames));
      if (!client.isOpen) return;
    }
  }

  /** What a replica knows of a token is 3 seconds old at most: a stream lives on for 4 at most. */
  private async checkTokens(): Promise<void> {
    const identities = new Set(this.open.values());
    const valid = new Map<Identity, boolean>();
    await Promise.all(
      [...identities].map(async (identity) => {
        // While the database is away nobody knows, and there is nothing to be seen either.
        valid.set(identity, await this.tokens.stillValid(identity).catch(() => true));
      }),
    );
    for (const [client, identity] of this.open) if (valid.get(identity) === false) client.end();
  }
}
