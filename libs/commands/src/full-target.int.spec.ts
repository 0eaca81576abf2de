import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventStoreMigrations, EventStore } from '#event-store';

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { commandsMigrations, TargetFull, type CommandQueue, type Submission } from './index.js';
import { commandsFor } from './testing/index.js';
import { waistOver } from './testing/waist.js';

let database: TestDatabase;
let store: EventStore;
let waist: CommandQueue;

beforeAll(async () => {
  database = await createTestDatabase({ migrations: [eventStoreMigrations, commandsMigrations] });
  store = await EventStore.open({ connectionString: database.url });
  waist = waistOver(store);
});
afterAll(async () => {
  await waist.drain();
  await store.close();
  await database.drop();
});

const LARGE = 'x'.repeat(400_000);
const MOST = 8 * 2 ** 20;

describe('A target on which very much waits', () => {
  it('takes no more until some of it has ended, answers again what it took, and leaves others alone', async () => {
    const target = commandsFor('web-shop', 'full');
    const schedule = (n: number): Submission => {
      const commitRefs = [{ repository: 'web', branch: `refs/heads/${n}` }];
      return target.send(`c${n}`, 'ScheduleDeployment', { version: `${n}`, commitRefs, description: LARGE });
    };
    await waist.submit(target.send('create', 'CreateTarget', {}));
    let taken = 0;
    const fill = async (): Promise<never> => {
      for (; ; taken += 1) await waist.submit(schedule(taken));
    };
    await expect(fill()).rejects.toThrow(TargetFull);
    // A state is written behind every eighth event.
    expect(taken).toBeGreaterThanOrEqual(MOST / LARGE.length);
    expect(taken).toBeLessThan(MOST / LARGE.length + 10);

    const again = await waist.submit(schedule(0));
    expect(again).toMatchObject({ outcome: { commandId: 'c0', outcome: 'accepted', number: 1 } });
    await waist.submit(commandsFor('web-shop', 'other').send('create', 'CreateTarget', {}));
    // As by another replica: this one learns of it when it is asked for more.
    const elsewhere = waistOver(store);
    for (let number = 1; number <= 16; number += 1)
      await elsewhere.submit(target.send(`cancel-${number}`, 'CancelDeployment', { number }));
    await elsewhere.drain();
    expect((await waist.submit(schedule(taken))).outcome.outcome).toBe('accepted');
  }, 60_000);
});
