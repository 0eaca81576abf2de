import { createHash, timingSafeEqual } from 'node:crypto';
import type { Identity } from './identity.js';

const SCHEME = /^bearer +(.+)$/is;

const digest = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();

/** The tokens that are valid here, known by their digests alone. */
export class Tokens {
  private readonly known: ReadonlyArray<Readonly<{ digest: Buffer; identity: Identity }>>;

  constructor(adminToken: string) {
    const admin: Identity = { actor: { id: 'admin', kind: 'service' }, scopes: new Set(['admin']), projects: '*' };
    this.known = [{ digest: digest(Buffer.from(adminToken)), identity: admin }];
  }

  /** Whose the token of an `Authorization` header is; undefined where there is none, or none that is known. */
  identify(authorization: string | undefined): Identity | undefined {
    const token = SCHEME.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    // Node hands over each byte of a header as one character.
    const sent = digest(Buffer.from(token.trim(), 'latin1'));
    return this.known.find((each) => timingSafeEqual(each.digest, sent))?.identity;
  }
}
