import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { migrate, type Migrations } from '#event-store';
import pg from 'pg';

export type TestDatabase = Readonly<{ url: string; drop: () => Promise<void> }>;

const adminUrl = (): string => {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url) throw new Error('TEST_DATABASE_URL is not set: run this suite in a project of test/jest.config.js.');
  return url;
};

const urlOf = (database: string): string => {
  const url = new URL(adminUrl());
  url.pathname = database;
  return url.href;
};

const asAdmin = async <T>(work: (admin: pg.Client) => Promise<T>): Promise<T> => {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
};

/** Named by what is in the folders, so that a changed migration makes a new template. */
const templateName = (migrations: readonly Migrations[]): string => {
  const hash = createHash('sha256');
  for (const { name, folder } of migrations) {
    for (const file of readdirSync(folder).sort())
      hash.update(`${name}/${file}\n`).update(readFileSync(new URL(file, folder)));
  }
  return `template_${hash.digest('hex').slice(0, 16)}`;
};

const ensureTemplate = async (admin: pg.Client, migrations: readonly Migrations[]): Promise<string> => {
  const template = templateName(migrations);
  // Workers arrive together: the first one makes it, the others wait for it.
  await admin.query('select pg_advisory_lock(hashtext($1))', [template]);
  const { rows } = await admin.query('select datallowconn from pg_database where datname = $1', [template]);
  if (rows[0]?.datallowconn === false) return template;
  if (rows.length > 0) await admin.query(`drop database ${template} with (force)`);
  await admin.query(`create database ${template}`);
  await migrate(urlOf(template), migrations);
  await admin.query(`alter database ${template} with allow_connections false`);
  return template;
};

/** A fresh database for one suite; with migrations, a copy of one on which they have run. */
export const createTestDatabase = async (
  options: { migrations?: readonly Migrations[] } = {},
): Promise<TestDatabase> => {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(async (admin) => {
    const template = options.migrations ? await ensureTemplate(admin, options.migrations) : 'template1';
    await admin.query(`create database ${name} template ${template}`);
  });
  const drop = (): Promise<void> =>
    asAdmin(async (admin) => {
      await admin.query(`drop database if exists ${name} with (force)`);
    });
  return { url: urlOf(name), drop };
};
