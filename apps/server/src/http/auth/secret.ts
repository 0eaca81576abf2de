import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = 'shl_';
const SECRET_LENGTH = 30;
/** The largest multiple of 62 in a byte: greater bytes are drawn again, or some letters would come more often. */
const FAIR = 248;

/** A token as secret scanners know them: `shl_`, 30 random letters, 6 that are their CRC-32. */
export function newToken(): string {
  let secret = '';
  while (secret.length < SECRET_LENGTH) {
    for (const byte of randomBytes(SECRET_LENGTH)) {
      if (byte < FAIR && secret.length < SECRET_LENGTH) secret += BASE62[byte % 62];
    }
  }
  return `${PREFIX}${secret}${checksumOf(secret)}`;
}

/** Whether it could be a token of ours: what is mistyped, cut or made up fails here, without a look at the database. */
export function isWhole(token: string): boolean {
  const [, secret, checksum] = /^shl_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/.exec(token) ?? [];
  return secret !== undefined && checksumOf(secret) === checksum;
}

/** What is kept of a token. Plain SHA-256: nobody guesses 178 random bits, however fast it is. */
export const digestOf = (secret: Buffer | string): Buffer => hash('sha256', secret, 'buffer');

const checksumOf = (secret: string): string => base62(crc32(secret)).padStart(6, '0');

const base62 = (value: number): string =>
  value < 62 ? BASE62[value]! : base62(Math.floor(value / 62)) + BASE62[value % 62]!;
