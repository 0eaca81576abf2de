import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import pg from 'pg';

import type { Target } from '#domain';
import { newId } from '#runtime';

import { compete } from './contender.js';
import { decideOn } from './workload.js';

const CONNECTIONS = 64;

/** What its `install.sh` runs through psql, in the same order. */
const scripts = [
  'schema/message-store',
  'extensions/pgcrypto',
  'tables/messages',
  'types/message',
  ...['message-store-version', 'hash-64', 'acquire-lock', 'category', 'is-category', 'id', 'cardinal-id'].map(
    (name) => `functions/${name}`,
  ),
  ...['stream-version', 'write-message', 'get-stream-messages', 'get-category-messages', 'get-last-stream-message'].map(
    (name) => `functions/${name}`,
  ),
  ...['id', 'stream', 'category'].map((name) => `indexes/messages-${name}`),
];

async function install(connectionString: string): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve('@eventide/message-db/package.json');
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('set search_path to message_store, public');
  for (const script of scripts)
    await client.query(await readFile(new URL(`database/${script}.sql`, `file://${manifest}`), 'utf8'));
  await client.end();
}

/** What its Ruby client sends for a message. */
const call = (from: number): string =>
  `write_message($${from}::varchar, $${from + 1}::varchar, $${from + 2}::varchar, $${from + 3}::jsonb, $${from + 4}::jsonb, $${from + 5}::bigint)`;
const VALUES = 6;

/**
 * The events that the waist writes for the same commands, decided before the clock starts, each written at the version that
 * it was decided for; those of one command in one autocommitted statement, for they stand or fall together. No outcome is
 * kept. The streams are `target-<id>`, as its naming has it: one category, whose writers it lets in one after the other.
 */
compete(async (connectionString) => {
  await install(connectionString);
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS, options: '-c search_path=message_store,public' });
  const targets = new Map<string, Target>();
  return {
    prepare: (work) => {
      const { stream, context } = work;
      const placed = decideOn(targets, work);
      const metadata = JSON.stringify({ actor: context.actor });
      return {
        name: `write ${placed.length}`,
        text: `select ${placed.map((_, i) => call(1 + i * VALUES)).join(', ')}`,
        values: placed.flatMap(({ type, data, version }) => [
          ...[newId(), stream.replace(':', '-'), type, JSON.stringify(data), metadata],
          // It counts from 0.
          version - 2,
        ]),
      };
    },
    async send(query) {
      for (;;) {
        try {
          await pool.query(query);
          return query.values.length / VALUES;
        } catch (error) {
          // Overtaken by the command after it: tried again at once until it is through.
          if (!(error as Error).message.startsWith('Wrong expected version')) throw error;
        }
      }
    },
    close: () => pool.end(),
  };
});
