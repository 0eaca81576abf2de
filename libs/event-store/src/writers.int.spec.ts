import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from '../../../test/support/database.js';
import { eventStoreMigrations } from './index.js';

const script = fileURLToPath(new URL('testing/writers.mjs', import.meta.url));

type Row = { position: string; id: string; stream: string; version: number };

/** Runs ten writers in a process of their own and answers what was acknowledged to them, as [position, id]. */
const runWriters = async (url: string): Promise<Array<[number, string]>> => {
  const child = spawn(process.execPath, [script, url, '10', '60', '12'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: Array<[number, string]> = [];
  createInterface({ input: child.stdout }).on('line', (line) => acknowledged.push(...JSON.parse(line)));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`The writers ended with ${code}.`);
  return acknowledged;
};

/** Reads on from the last position that it saw, and nothing more clever, until `done` and there is no more. */
const tail = async (reader: pg.Client, done: () => boolean): Promise<Row[]> => {
  const seen: Row[] = [];
  for (;;) {
    const last = done();
    const { rows } = await reader.query<Row>(
      'select position, id, stream, version from events where position > $1 order by position limit 100',
      [seen.at(-1)?.position ?? 0],
    );
    seen.push(...rows);
    if (last && rows.length === 0) return seen;
  }
};

it('shows every event once and in order to a naive reader, under 20 writers in two processes', async () => {
  const database = await createTestDatabase({ migrations: [eventStoreMigrations] });
  const reader = new pg.Client(database.url);
  await reader.connect();
  await reader.query('update log set partition_size = 300');
  let done = false;
  const writing = Promise.all([runWriters(database.url), runWriters(database.url)]).finally(() => (done = true));
  const [seen, acknowledged] = await Promise.all([tail(reader, () => done), writing]);

  expect(seen.length).toBeGreaterThan(600);
  expect(seen.map(({ position }) => Number(position))).toEqual(seen.map((_, index) => index + 1));
  const expected = acknowledged.flat().sort(([a], [b]) => a - b);
  expect(seen.map(({ position, id }) => [Number(position), id])).toEqual(expected);
  const versions = new Map<string, number>();
  for (const { stream, version } of seen) {
    expect(version).toBe((versions.get(stream) ?? 0) + 1);
    versions.set(stream, version);
  }
  await reader.end();
  await database.drop();
}, 120_000);
