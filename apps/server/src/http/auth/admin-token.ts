import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newToken } from './secret.js';

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
