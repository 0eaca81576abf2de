import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { fromEpochMillis, type Time } from '#domain';
import { clock, type OidcIssuer } from '#runtime';
import { checkRules, grantOf } from './claims.js';
import type { Identity } from './identity.js';
import { keysOf, type KeyTimes } from './issuer-keys.js';
import type { Vouching } from './tokens.js';

/** Those with a public key: a token can be checked here, and made only by its issuer. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
];
const CLOCKS_DIFFER_S = 5;
/** No longer than this, and than the token lives: keys and tokens have no other way to be taken back. */
const VERIFIED_MS = 60_000;
const KNOWN = 10_000;

type Known = OidcIssuer & Readonly<{ keys: JWTVerifyGetKey }>;

/** Senders for whom an issuer of OpenID Connect vouches, such as the jobs of a CI: they need no secret of ours. */
export class Issuers implements Vouching {
  private readonly issuers: ReadonlyMap<string, Known>;
  private readonly verified = new LRUCache<string, Identity>({ max: KNOWN, ttl: VERIFIED_MS });
  /** Until when each was vouched for, in milliseconds since 1970. */
  private readonly ends = new WeakMap<Identity, number>();

  /** Throws ConfigError where a rule allows what there is not. */
  constructor(issuers: readonly OidcIssuer[], times: KeyTimes = {}) {
    issuers.forEach(({ rules }) => checkRules(rules));
    this.issuers = new Map(issuers.map((each) => [each.issuer, { ...each, keys: keysOf(each, times) }]));
  }

  /** Rejects with 503 where the issuer's keys cannot be had: it may be a good one. */
  identify(token: string, digest: string): Identity | undefined | Promise<Identity | undefined> {
    const known = this.verified.get(digest);
    if (known) return this.stillValid(known) ? known : undefined;
    const issuer = this.issuers.get(issuerOf(token));
    return issuer && this.verify(issuer, token, digest);
  }

  stillValid(identity: Identity): boolean | undefined {
    const end = this.ends.get(identity);
    return end === undefined ? undefined : clock.now() < end;
  }

  private async verify(issuer: Known, token: string, digest: string): Promise<Identity | undefined> {
    const payload = await proved(issuer, token);
    const grant = payload && grantOf(issuer.rules, payload);
    if (!grant) return undefined;
    const { name, scopes, projects } = grant;
    const identity: Identity = {
      tokenId: `oidc:${issuer.issuer} ${payload.sub!}`,
      // No token of ours has such a name.
      actor: { id: `oidc:${name}`, kind: 'service' },
      scopes,
      projects,
      endsAt: timeOf(payload.exp!),
    };
    this.ends.set(identity, (payload.exp! + CLOCKS_DIFFER_S) * 1_000);
    this.verified.set(digest, identity);
    return identity;
  }
}

/** No time lies beyond the year 9999, wherever an issuer puts the end of its tokens. */
const timeOf = (seconds: number): Time => fromEpochMillis(Math.min(seconds, LAST_SECOND) * 1_000);
const LAST_SECOND = 253_402_300_799;

/** What the token says, if the issuer said so, to us, and for now. */
async function proved({ issuer, audience, keys }: Known, token: string): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCKS_DIFFER_S,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'sub'],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** Whose token it says it is; nothing that is none says anything. */
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    return '';
  }
}
