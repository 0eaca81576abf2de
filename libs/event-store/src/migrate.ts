import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

import { grantService } from './rights.js';

/** A lib's folder of plain SQL files, `NNNN-name.sql`, run in the order of their names. */
export type Migrations = Readonly<{
  name: string;
  folder: URL;
  /** Tables that a running service makes anew, and so must own. */
  remade?: readonly string[];
}>;

type Migration = Readonly<{ name: string; sql: string; checksum: string }>;

/** Any number, as long as every version of Shiplog takes the same. */
const LOCK = 7_447_556_421;
const POLL_MS = 50;
const LONGEST_WAIT_MS = 120_000;

const filesOf = async ({ name, folder }: Migrations): Promise<Migration[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) => {
      if (!/^\d{4}-[a-z0-9-]+\.sql$/.test(file))
        throw new Error(`Migration ${name}/${file} is not named NNNN-name.sql.`);
      const sql = await readFile(new URL(file, folder), 'utf8');
      return { name: `${name}/${file}`, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
};

/**
 * Polled: who waits inside a blocking call holds a snapshot, and `create index concurrently` of the holder would wait for that
 * one in turn.
 */
const lock = async (client: pg.Client): Promise<void> => {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    const { rows } = await client.query('select pg_try_advisory_lock($1::bigint) as locked', [LOCK]);
    if (rows[0].locked) return;
    if (performance.now() > deadline) {
      throw new Error(`Another process holds the migration lock (pg_locks, advisory, ${LOCK}) for over two minutes.`);
    }
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
};

const apply = async (client: pg.Client, { name, sql, checksum }: Migration): Promise<void> => {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into migrations (name, checksum) values ($1, $2)', [name, checksum]);
    await client.query('commit');
  } catch (error) {
    throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
};

const applyAll = async (client: pg.Client, migrations: readonly Migration[]): Promise<void> => {
  await client.query(
    'create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
  );
  const { rows } = await client.query<{ name: string; checksum: string }>('select name, checksum from migrations');
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum === undefined) await apply(client, migration);
    else if (checksum !== migration.checksum) {
      throw new Error(
        `Migration ${migration.name} was changed after it had been applied. Put it back and add a new file.`,
      );
    }
  }
};

/**
 * Brings a database up to date: each file that is not applied yet in a transaction of its own, folder after folder. Any number
 * of processes may call it at once; one works, the others wait. A run that was killed is gone on with by the next. Where a
 * `service` connects to the same database as another role, that one is granted what it needs and no more (`grantService`).
 */
export const migrate = async (
  connectionString: string,
  folders: readonly Migrations[],
  service: string = connectionString,
): Promise<void> => {
  const migrations = (await Promise.all(folders.map(filesOf))).flat();
  const role = service === connectionString ? undefined : await connected(service, roleOf);
  await connected(connectionString, async (client) => {
    await lock(client);
    await applyAll(client, migrations);
    if (role !== undefined) await grantService(client, role, remadeBy(folders));
  });
};

const remadeBy = (folders: readonly Migrations[]): string[] => folders.flatMap(({ remade = [] }) => remade);

const roleOf = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ role: string }>('select current_user as role');
  return rows[0]!.role;
};

const connected = async <T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({
    connectionString,
    application_name: 'shiplog migrate',
    connectionTimeoutMillis: 5_000,
  });
  // The query that is under way fails too; without a listener the process would end before it can say so.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    // The session's end frees the lock and rolls back what failed.
    await client.end();
  }
};
