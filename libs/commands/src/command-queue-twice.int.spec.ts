import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { withoutHistory, type Target } from '#domain';
import { eventStoreMigrations, EventStore, type StoredEvent } from '#event-store';

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { foldTarget } from './fold.js';
import { commandsMigrations, type Answer, type CommandQueue, type Submission } from './index.js';
import { States } from './states.js';
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
    target: fc.integer({ min: 0, max: 1 }),
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('StartDeployment', 'FinishDeployment', 'FailDeployment') },
      { weight: 1, arbitrary: fc.constantFrom('ScheduleDeployment', 'DeleteTarget', 'CreateTarget') },
    ),
    version: fc.constantFrom('1', '2'),
    number: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 2 }),
    pause: fc.boolean(),
  });

  it('is appended once and answered the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }),
        fc.infiniteStream(fc.boolean()),
        async (commands, pauses) => {
          const run = (runs += 1);
          const submissions = commands.map(({ target, type, version, number }, i) => {
            const given = number === undefined || type === 'ScheduleDeployment' ? {} : { number };
            const data = type.endsWith('Target') ? {} : { version, ...given };
            return commandsFor(`run-${run}`, `t${target}`).send(`c${i}`, type as 'StartDeployment', data);
          });
          for (const key of ['t0', 't1'])
            submissions.unshift(commandsFor(`run-${run}`, key).send('create', 'CreateTarget', {}));
          const first = await inBatches(waistOver(store), submissions, (i) => commands[i]?.pause ?? false);
          const written = await eventsOf(submissions);
          const again = await inBatches(
            waistOver(store, { maxBatch: 3 }),
            submissions,
            () => pauses.next().value as boolean,
          );
          expect(again.map((answer) => JSON.stringify(answer))).toEqual(first.map((answer) => JSON.stringify(answer)));
          expect(await eventsOf(submissions)).toEqual(written);
          const kept = await statesKept(submissions);
          expect(await statesFolded([...kept.keys()])).toEqual(kept);
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

  /** The states beside the streams with the events above them; a deployment that has recovered since is in no state. */
  async function statesKept(submissions: readonly Submission[]): Promise<Map<string, unknown>> {
    const streams = [...(await store.loadStreams([...new Set(submissions.map(({ stream }) => stream))])).keys()];
    const states = new States(store, { states: 1_000, weight: 10_000_000 });
    await states.load(streams);
    const recovered = (events: readonly StoredEvent[]): boolean =>
      events.some(({ data }) => data.includes('recoveredFrom'));
    const kept = new Map<string, unknown>();
    for (const stream of streams) {
      const standing = states.get(stream);
      if (standing !== undefined) kept.set(stream, withoutIds(standing.target));
      else expect(recovered(await store.readStream(stream, {}))).toBe(true);
    }
    return kept;
  }

  /** The same, folded from the log, as where they were written by other code. */
  async function statesFolded(streams: readonly string[]): Promise<Map<string, unknown>> {
    const fold = async (stream: string): Promise<[string, unknown]> => [
      stream,
      withoutIds(withoutHistory((await foldTarget(store, stream)).target)),
    ];
    return new Map(await Promise.all(streams.map(fold)));
  }

  /** A state may have been written before the ids were known. */
  const withoutIds = (target: Target): unknown =>
    JSON.parse(JSON.stringify(target, (key, value) => (key === 'position' ? null : value)));

  async function eventsOf(submissions: readonly Submission[]): Promise<StoredEvent[]> {
    const streams = [...new Set(submissions.map(({ stream }) => stream))];
    return (await Promise.all(streams.map((stream) => store.readStream(stream, {})))).flat();
  }
});
