import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
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
  return `shl_${secret}${base62(crc32(secret)).padStart(6, '0')}`;
}

const base62 = (value: number): string =>
  value < 62 ? BASE62[value]! : base62(Math.floor(value / 62)) + BASE62[value % 62]!;

/**
 * The first token of this data directory: made once, kept in its file `admin-token`, which only the owner may read.
 * Processes that start together agree on one.
 */
export async function keptAdminToken(dataDir: string): Promise<string> {
  const path = join(dataDir, 'admin-token');
  const kept = await readToken(path);
  if (kept) return kept;
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${newToken()}\n`, { mode: 0o600, flush: true });
  try {
    // A link appears whole or not at all, and fails where another process was first.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return (await readToken(path))!;
}

async function readToken(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
