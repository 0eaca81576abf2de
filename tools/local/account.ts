import { spawnSync } from 'node:child_process';
import { run } from './process.js';

/** Whom Postgres runs as: the user himself, or, as it refuses to run as root, the account `postgres`. */
export type Account = Readonly<{ uid?: number; gid?: number }>;

const idsOf = async (name: string): Promise<Account> => {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
};

/** The account that Postgres runs as; for root that of the user `postgres`, who is made where there is none. */
export const postgresAccount = async (): Promise<Account> => {
  if (process.getuid?.() !== 0) return {};
  try {
    return await idsOf('postgres');
  } catch {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    return idsOf('postgres');
  }
};

/** Whether the account can reach and execute (enter) a path, and write there if `writing`. */
export const canUse = (account: Account, path: string, writing = false): boolean =>
  spawnSync('test', writing ? ['-x', path, '-a', '-w', path] : ['-x', path], { ...account, cwd: '/' }).status === 0;
