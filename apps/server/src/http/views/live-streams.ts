import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Metrics, type Logger } from '#runtime';
import { LOG } from '../../parts.js';
import type { Identity } from '../auth/identity.js';
import { Tokens } from '../auth/tokens.js';
import { levelOf, noMore } from '../problem.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { LiveClient } from './live-client.js';
import { LiveTail, type Subscription } from './live-tail.js';

const MAX_STREAMS = 10_000;
const TOKENS_MS = 1_000;

/** Who opens a stream, of which events, and behind which position. */
export type Opening = Readonly<{ identity: Identity }> & Omit<Subscription, 'client'>;

/** All open streams of the log. */
@Injectable()
export class LiveStreams {
  private readonly open = new Map<LiveClient, Identity>();
  private readonly limit = new ConcurrencyLimit(MAX_STREAMS);
  private watch: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    @Inject(LiveTail) private readonly tail: LiveTail,
    @Inject(Tokens) private readonly tokens: Pick<Tokens, 'stillValid'>,
    @Inject(Metrics) private readonly metrics: Pick<Metrics, 'liveStreams'>,
    @Inject(LOG) private readonly log: Pick<Logger, 'debug' | 'error'>,
  ) {}

  /** Throws the refusal where there are too many, or the process stops. */
  admit({ tokenId }: Identity): void {
    if (this.ended || !this.limit.hasRoom(tokenId)) throw noMore('streams');
  }

  /** Makes a response the stream of all such events behind a position: those that are there, then those that come. */
  begin(response: ServerResponse, { identity, ...opening }: Opening): void {
    // Whoever has gone while he was looked at is not told to go again: he would keep his place for ever.
    if (response.destroyed) return;
    const client = new LiveClient(response);
    this.open.set(client, identity);
    this.limit.enter(identity.tokenId);
    this.metrics.liveStreams.set(this.open.size);
    client.onClose(() => {
      this.open.delete(client);
      this.limit.leave(identity.tokenId);
      this.metrics.liveStreams.set(this.open.size);
    });
    this.watch ??= setInterval(() => void this.checkTokens(), TOKENS_MS);
    this.tail.serve({ client, ...opening }).catch((error: unknown) => {
      // The client goes on where it was, here or elsewhere.
      this.log[levelOf(error)]({ err: error }, 'A stream was cut');
      client.drop();
    });
  }

  /** Ends all streams, and lets no more begin. */
  end(): void {
    this.ended = true;
    clearInterval(this.watch);
    for (const client of this.open.keys()) client.end();
  }

  /** What a replica knows of a token is 3 seconds old at most: a stream outlives it by 4 at most. */
  private async checkTokens(): Promise<void> {
    const valid = new Map<Identity, boolean>();
    const check = async (identity: Identity): Promise<void> => {
      // While the database is away nobody knows, and there is nothing to be seen either.
      valid.set(identity, await this.tokens.stillValid(identity).catch(() => true));
    };
    await Promise.all([...new Set(this.open.values())].map(check));
    for (const [client, identity] of this.open) if (valid.get(identity) === false) client.end();
  }
}
