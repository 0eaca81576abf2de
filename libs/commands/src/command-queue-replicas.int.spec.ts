import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { createPool, eventStoreMigrations, EventStore } from '#event-store';
import { newId } from '#runtime';

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { foldTarget } from './fold.js';
import { CommandIdReused, commandsMigrations, type Answer } from './index.js';
import { commandsFor } from './testing/index.js';
import { waistOver } from './testing/waist.js';

const REPLICAS = 3;

let database: TestDatabase;
let stores: EventStore[];
let runs = 0;

beforeAll(async () => {
  database = await createTestDatabase({ migrations: [eventStoreMigrations, commandsMigrations] });
  stores = await Promise.all(
    Array.from({ length: REPLICAS }, () => EventStore.open({ connectionString: database.url })),
  );
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

describe('Several replicas, each with states of its own', () => {
  const command = fc.record({
    target: fc.integer({ min: 0, max: 2 }),
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('StartDeployment', 'FinishDeployment', 'FailDeployment') },
      { weight: 1, arbitrary: fc.constantFrom('ScheduleDeployment', 'DeleteTarget', 'CreateTarget') },
    ),
    version: fc.constantFrom('1', '2'),
    replicas: fc.subarray([0, 1, 2], { minLength: 1 }),
    otherwise: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    pause: fc.boolean(),
  });

  it('give each id one outcome, and leave states that are what their streams say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 10, maxLength: 60, size: 'max' }),
        fc.constantFrom(1, 2, 1_000),
        async (commands, maxStates) => {
          const run = (runs += 1);
          const queues = stores.map((store) => waistOver(store, { maxStates, maxBatch: 4 }));
          const targets = [0, 1, 2].map((n) => commandsFor(`run-${run}`, `t${n}`));
          for (const target of targets) await queues[0]!.submit(target.send('create', 'CreateTarget', {}));
          const sent: Array<{ stream: string; id: string; answers: Array<PromiseSettledResult<Answer>> }> = [];
          const open: Array<Promise<void>> = [];
          for (const { target, type, version, replicas, otherwise, pause } of commands) {
            const id = newId();
            const to = targets[target]!;
            const data = type.endsWith('Target') ? {} : { version };
            const one = to.send(id, type as 'StartDeployment', data);
            const other = otherwise ? to.send(id, 'ChangeTarget', { name: 'x' }) : one;
            const all = Promise.allSettled(replicas.map((r, i) => queues[r]!.submit(i === 1 ? other : one)));
            open.push(all.then((answers) => void sent.push({ stream: to.stream, id, answers })));
            if (pause) await Promise.all(open);
          }
          await Promise.all(open);
          for (const { id, answers } of sent) {
            const given = answers.flatMap((each) => (each.status === 'fulfilled' ? JSON.stringify(each.value) : []));
            expect(new Set(given).size).toBe(1);
            for (const each of answers)
              if (each.status === 'rejected') expect([id, each.reason]).toEqual([id, expect.any(CommandIdReused)]);
          }
          for (const { stream } of targets) {
            const events = await stores[0]!.readStream(stream, {});
            expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
            await foldTarget(stores[0]!, stream);
            const own = sent.filter((each) => each.stream === stream);
            const answered = own.flatMap(({ answers }) => {
              const one = answers.find((each) => each.status === 'fulfilled');
              return one?.value.outcome.events.map(({ version }) => version) ?? [];
            });
            expect(answered.toSorted((a, b) => a - b)).toEqual(events.slice(1).map(({ version }) => version));
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('A command id whose key another one has', () => {
  it('is refused as that one’s, and not tried again for ever', async () => {
    const target = commandsFor('web-shop', 'same-key');
    const waist = waistOver(stores[0]!);
    await waist.submit(target.send('create', 'CreateTarget', {}));
    const pool = createPool({ connectionString: database.url, max: 1 });
    await pool.query(
      `insert into commands (id_key, seq, position, recorded_at, version, stream, command_id, fingerprint, outcome)
       select $1, 1000000, position, recorded_at, version, stream, 'other', fingerprint, outcome from commands
        where stream = $2`,
      [hash('sha256', `${target.stream}\0c1`, 'hex').slice(0, 32), target.stream],
    );
    await pool.end();
    const start = target.send('c1', 'StartDeployment', { version: '1' });
    await expect(waist.submit(start, { giveUpAfterMs: 2_000 })).rejects.toBeInstanceOf(CommandIdReused);
    expect((await waist.submit(target.send('c2', 'StartDeployment', { version: '1' }))).outcome.version).toBe(2);
  });
});
