import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import pg from 'pg';

import { newId } from '#runtime';

import { compete } from './contender.js';

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

/**
 * One message for each command, and nothing decided: less than a command handler on top of it would do. The streams are
 * `target-<id>`, as its naming has it: one category, whose writers it lets in one after the other.
 */
compete(async (connectionString) => {
  await install(connectionString);
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS, options: '-c search_path=message_store,public' });
  return {
    prepare: ({ stream, command, context }) => ({
      name: 'write',
      text: 'select write_message($1, $2, $3, $4, $5)',
      values: [
        newId(),
        stream.replace(':', '-'),
        command.type,
        JSON.stringify(command.data),
        JSON.stringify({ actor: context.actor }),
      ],
    }),
    async send(query) {
      await pool.query(query);
      return 1;
    },
    close: () => pool.end(),
  };
});
