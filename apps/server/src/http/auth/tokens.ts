import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Identity } from './identity.js';
import { digestOf, isWhole } from './secret.js';
import type { FoundToken, TokenStore } from './token-store.js';
import { TokenUse } from './token-use.js';

const SCHEME = /^bearer +(.+)$/is;
/** What a replica knows of a token, or that there is none, is at most so old. With what a stream adds: below 5 seconds. */
const KNOWN_MS = 3_000;
const KNOWN = 10_000;
const NOBODY = Symbol('nobody');

/** Whose a token is, until when by `performance.now()`. */
type Known = Readonly<{ identity: Identity; until: number }>;

/** Others who vouch for senders, by tokens that are not ours. */
export type Vouching = Readonly<{
  /** Undefined where it is no token of theirs, or none that they stand for. `digest` tells tokens apart. */
  identify(token: string, digest: string): Identity | undefined | Promise<Identity | undefined>;
  /** Undefined for an identity that is none of theirs. */
  stillValid(identity: Identity): boolean | undefined;
}>;

/** The tokens that are valid here, known by their digests alone. */
export class Tokens {
  private readonly adminDigest: Buffer;
  private readonly admin: Identity = {
    tokenId: 'admin',
    actor: { id: 'admin', kind: 'service' },
    scopes: new Set(['admin']),
    projects: '*',
    endsAt: null,
  };
  /** By digest. A lookup that is under way is joined, not repeated. */
  private readonly known: LRUCache<string, Known | typeof NOBODY>;
  private readonly alive: LRUCache<string, boolean>;
  private readonly use: TokenUse;

  constructor(
    adminToken: string,
    private readonly store: Pick<TokenStore, 'find' | 'isAlive' | 'used' | 'close'>,
    private readonly issuers: Vouching = nobodyElse,
  ) {
    this.adminDigest = digestOf(Buffer.from(adminToken));
    this.known = cacheOf((key) => this.lookUp(Buffer.from(key, 'latin1')));
    this.alive = cacheOf((id) => store.isAlive(id));
    this.use = new TokenUse((ids) => store.used(ids));
  }

  /**
   * Whose the token of an `Authorization` header is; undefined where there is none, or none that is valid. At once where
   * that is known; rejects where it cannot be known, as the database is away.
   */
  identify(authorization: string | undefined): Identity | undefined | Promise<Identity | undefined> {
    const token = SCHEME.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    // Node hands over each byte of a header as one character.
    const digest = digestOf(Buffer.from(token, 'latin1'));
    if (timingSafeEqual(digest, this.adminDigest)) return this.admin;
    if (!token.startsWith('shl_')) return this.issuers.identify(token, keyOf(digest));
    return isWhole(token) ? this.ofDigest(digest) : undefined;
  }

  /**
   * Whether the token of an identity is valid still: for whoever goes on after the request was let in. At most 3 seconds
   * old; rejects where it cannot be known, as the database is away.
   */
  async stillValid(identity: Identity): Promise<boolean> {
    if (identity === this.admin) return true;
    return this.issuers.stillValid(identity) ?? (await this.alive.fetch(identity.tokenId))!;
  }

  /** Takes a token that was revoked for dead from now on, in this process. */
  forget(digest: Buffer, tokenId: string): void {
    this.known.set(keyOf(digest), NOBODY);
    this.alive.set(tokenId, false);
  }

  /** After the last request. */
  close(): Promise<void> {
    return this.store.close();
  }

  private ofDigest(digest: Buffer): Identity | undefined | Promise<Identity | undefined> {
    // What could be timed is a digest, at which nobody can aim.
    const key = keyOf(digest);
    const known = this.known.get(key);
    return known === undefined ? this.known.fetch(key).then((found) => this.ifLiving(found!)) : this.ifLiving(known);
  }

  private ifLiving(known: Known | typeof NOBODY): Identity | undefined {
    if (known === NOBODY || performance.now() >= known.until) return undefined;
    this.use.note(known.identity.tokenId);
    return known.identity;
  }

  private async lookUp(digest: Buffer): Promise<Known | typeof NOBODY> {
    const asked = performance.now();
    const found: FoundToken | undefined = await this.store.find(digest);
    return found ? { identity: found.identity, until: asked + (found.livesMs ?? Infinity) } : NOBODY;
  }
}

/** Answers age from when they were asked for: one that took long is asked for again the sooner. */
const cacheOf = <Answer extends object | symbol | boolean>(
  ask: (key: string) => Promise<Answer>,
): LRUCache<string, Answer> =>
  new LRUCache({
    max: KNOWN,
    ttl: KNOWN_MS,
    ignoreFetchAbort: true,
    fetchMethod: async (key, _stale, { options }) => {
      const asked = performance.now();
      const answer = await ask(key);
      options.ttl = Math.max(1, KNOWN_MS - (performance.now() - asked));
      return answer;
    },
  });

const keyOf = (digest: Buffer): string => digest.toString('latin1');

const nobodyElse: Vouching = { identify: () => undefined, stillValid: () => undefined };
