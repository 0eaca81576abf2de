import pg from 'pg';

import { eventStoreMigrations, EventStore, migrate } from '#event-store';

import { serve } from '../frame/peer.js';
import { headOf, insertOf, readRows, type Rows } from './rows.js';

/** As many commands as the waist puts into one append, and as many statements under way. */
const BATCH = 500;
const UNDER_WAY = 2;

/** Writes what the waist has written into the same tables of another database: `read` and then `write`, which is measured. */
const open = async (from: string, to: string) => {
  await migrate(to, [eventStoreMigrations]);
  await (await EventStore.open({ connectionString: to })).close();
  const source = new pg.Client({ connectionString: from });
  const client = new pg.Client({ connectionString: to, pipeline: true });
  await Promise.all([source.connect(), client.connect()]);
  let reached = await headOf(source);
  let batches: Rows[] = [];
  return {
    /** Passes over what was written so far. */
    async skip(): Promise<void> {
      reached = await headOf(source);
    },
    async read(): Promise<number> {
      const { seq } = await headOf(source);
      const begun = reached.seq;
      for (batches = []; reached.seq < seq;) {
        const { reached: next, ...rows } = await readRows(source, reached, Math.min(BATCH, seq - reached.seq));
        reached = next;
        batches.push(rows);
      }
      return seq - begun;
    },
    async write(): Promise<number> {
      const began = performance.now();
      const next = batches.values();
      const lane = async (): Promise<void> => {
        for (const rows of next) await client.query(insertOf(rows));
      };
      await Promise.all(Array.from({ length: UNDER_WAY }, lane));
      return (performance.now() - began) / 1_000;
    },
    async close(): Promise<void> {
      await Promise.all([source.end(), client.end()]);
    },
  };
};

export type RawInsert = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((from, to) => open(from!, to!));
