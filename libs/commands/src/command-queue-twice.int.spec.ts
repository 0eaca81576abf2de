import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { eventStoreMigrations, EventStore, type StoredEvent } from '#event-store';

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { commandsMigrations, type Answer, type CommandQueue, type Submission } from './index.js';
import { commandsFor } from './testing/index.js';
import { waistOver } from './testing/waist.js';

let database: TestDatabase;
let store: EventStore;
let runs = 0;

beforeAll(async () => {
  database = await createTestDatabase({ migrations: [eventStoreMigrations, commandsMigrations] });
  store = await EventStore.open({ connectionString: database.url });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

describe('Whatever is sent, in whatever batches, twice', () => {
  const command = fc.record({
    target: fc.integer({ min: 0, max: 2 }),
    type: fc.constantFrom(
      'StartDeployment',
      'FinishDeployment',
      'FailDeployment',
      'ScheduleDeployment',
      'DeleteTarget',
      'CreateTarget',
    ),
    version: fc.constantFrom('1', '2', '3'),
    pause: fc.boolean(),
  });

  it('is appended once and answered the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 40 }),
        fc.infiniteStream(fc.boolean()),
        async (commands, pauses) => {
          const run = (runs += 1);
          const submissions = commands.map(({ target, type, version }, i) => {
            const data = type.endsWith('Target') ? {} : { version };
            return commandsFor(`run-${run}`, `t${target}`).send(`c${i}`, type as 'StartDeployment', data);
          });
          const first = await inBatches(waistOver(store), submissions, (i) => commands[i]!.pause);
          const written = await eventsOf(submissions);
          const again = await inBatches(
            waistOver(store, { maxBatch: 3 }),
            submissions,
            () => pauses.next().value as boolean,
          );
          expect(again.map((answer) => JSON.stringify(answer))).toEqual(first.map((answer) => JSON.stringify(answer)));
          expect(await eventsOf(submissions)).toEqual(written);
          const answered = first.flatMap(({ outcome: { commandId, events } }) =>
            events.map(({ position }) => `${position} ${commandId}`),
          );
          expect(written.map(({ position, commandId }) => `${position} ${commandId}`).toSorted()).toEqual(
            answered.toSorted(),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  /** Waits for all answers so far before it goes on, where `pauses` says so. */
  async function inBatches(
    queue: CommandQueue,
    submissions: readonly Submission[],
    pauses: (i: number) => boolean,
  ): Promise<Answer[]> {
    const answers: Array<Promise<Answer>> = [];
    for (const [i, submission] of submissions.entries()) {
      answers.push(queue.submit(submission));
      if (pauses(i)) await Promise.all(answers);
    }
    return Promise.all(answers);
  }

  async function eventsOf(submissions: readonly Submission[]): Promise<StoredEvent[]> {
    const streams = [...new Set(submissions.map(({ stream }) => stream))];
    return (await Promise.all(streams.map((stream) => store.readStream(stream, {})))).flat();
  }
});
