import pg from 'pg';

import { Databases } from '../frame/database.js';
import { withPeers } from '../frame/peer.js';
import { roundsOf } from '../frame/rounds.js';
import type { Bench } from '../frame/row.js';
import { Usage } from '../frame/usage.js';
import { newRival } from './contender.js';

const PROCESSES = 2;
const WRITERS_EACH = 4;
const COMMANDS = 40_000;
const IN_FLIGHT = 200;
const PAGE = 1_000;

/** Asks again and again for what lies behind the last position it got, and never looks back. */
class Tailer {
  readonly #got = new Set<number>();
  #last = 0;

  constructor(private readonly client: pg.Client) {}

  /** Until `ended` is so and nothing more comes. */
  async follow(ended: () => boolean): Promise<void> {
    for (;;) {
      const wasEnded = ended();
      const { rows } = await this.client.query<{ position: string }>(
        `select position from events where position > ${this.#last} order by position limit ${PAGE}`,
      );
      for (const { position } of rows) {
        this.#last = Number(position);
        this.#got.add(this.#last);
      }
      if (rows.length === 0 && wasEnded) return;
    }
  }

  /** What is in the log and never came, or came behind a later one. */
  async missed(): Promise<number> {
    const { rows } = await this.client.query<{ count: string }>('select count(*) from events');
    return Number(rows[0]!.count) - this.#got.size;
  }
}

/** Whoever reads by position needs to know nothing of the writers. */
export const naiveTailer: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const connectionString = await databases.create('tailer');
      const writers = Array.from({ length: PROCESSES }, (_, index) =>
        open(newRival('waist', connectionString, { targets: 500, seed: index + 1, writers: WRITERS_EACH })),
      );
      await writers[0]!.ask('prepare');
      const client = new pg.Client({ connectionString });
      await client.connect();
      const tailer = new Tailer(client);
      const commands = (settings.short ? COMMANDS / 20 : COMMANDS) / PROCESSES;
      const usage = new Usage([
        ...writers.map(({ pid }, index) => ({ title: `writers ${index + 1}`, pid })),
        databases.server,
      ]);
      const rounds: number[] = [];
      for (let round = 0; round < roundsOf(settings); round += 1) {
        await usage.during(async () => {
          let ended = false;
          const written = Promise.all(
            writers.map((each) => each.ask('run', { commands, inFlight: IN_FLIGHT })),
          ).finally(() => (ended = true));
          await Promise.all([written, tailer.follow(() => ended)]);
        });
        rounds.push(await tailer.missed());
      }
      await client.end();
      const note = `${PROCESSES} processes with ${WRITERS_EACH} writers each, ${commands} commands a process and round.`;
      return [{ name: 'missed by a tailer', ours: { rounds, load: usage.load() }, note }];
    }),
  );
