import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { eventStoreMigrations, EventStore } from '#event-store';

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { CommandQueue, commandsMigrations, type Answer, type Outcome, type Submission } from './index.js';
import { commandsFor } from './testing/index.js';
import { connectionLost, storeWith, waistOver } from './testing/waist.js';

let database: TestDatabase;
let admin: pg.Client;
let stores: EventStore[];
let names = 0;

beforeAll(async () => {
  database = await createTestDatabase({ migrations: [eventStoreMigrations, commandsMigrations] });
  admin = new pg.Client({ connectionString: database.url, application_name: 'the test itself' });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});
beforeEach(async () => {
  stores = await Promise.all([1, 2].map(() => EventStore.open({ connectionString: database.url })));
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
});

const targetsOf = (count: number) => {
  const project = `project-${(names += 1)}`;
  return Array.from({ length: count }, (_, i) => commandsFor(project, `t${i}`));
};
type Commands = ReturnType<typeof commandsFor>;

const createAll = (queue: CommandQueue, targets: readonly Commands[]) =>
  Promise.all(targets.map((target) => queue.submit(target.send('create', 'CreateTarget', {}))));

/** Start, finish or fail, some of which are rejected or change nothing. */
function anyCommand(target: Commands, id: string): Submission {
  const version = String(Math.floor(Math.random() * 3));
  const dice = Math.random();
  if (dice < 0.4) return target.send(id, 'StartDeployment', { version });
  if (dice < 0.8) return target.send(id, 'FinishDeployment', { version });
  return target.send(id, 'CancelDeployment', {});
}
const oneOf = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;

const json = (answer: unknown): string => JSON.stringify(answer);

/** Each stream is an unbroken chain, and each command of these has exactly the events that its answer says. */
async function expectOneOutcomeEach(submissions: readonly Submission[], answers: readonly Answer[]): Promise<void> {
  const answered = new Map(
    submissions.map(({ stream, commandId }, i) => [`${stream} ${commandId}`, answers[i]!.outcome]),
  );
  const written = new Map<string, Array<Outcome['events'][number]>>();
  for (const stream of new Set(submissions.map((each) => each.stream))) {
    const events = await stores[0]!.readStream(stream, {});
    expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
    for (const { commandId, type, version, position } of events) {
      if (commandId === 'create') continue;
      const key = `${stream} ${commandId}`;
      written.set(key, [...(written.get(key) ?? []), { type, version, position }]);
    }
  }
  for (const [key, outcome] of answered) expect([key, written.get(key) ?? []]).toEqual([key, outcome.events]);
  for (const key of written.keys()) expect(answered.has(key)).toBe(true);
}

async function expectSameAgain(submissions: readonly Submission[], answers: readonly Answer[], queue: CommandQueue) {
  const again = await Promise.all(submissions.map((submission) => queue.submit(submission)));
  expect(again.map(json)).toEqual(answers.map(json));
}

describe('Two writers on the same targets', () => {
  it('write unbroken chains, and no command is lost or doubled', async () => {
    const queues = stores.map((store) => waistOver(store, { maxBatch: 50 }));
    const targets = targetsOf(20);
    await createAll(queues[0]!, targets);
    const submissions = Array.from({ length: 4_000 }, (_, i) => anyCommand(oneOf(targets), `c${i}`));
    const answers = await Promise.all(submissions.map((submission, i) => queues[i % 2]!.submit(submission)));
    await expectOneOutcomeEach(submissions, answers);
    await expectSameAgain(submissions.slice(0, 300), answers.slice(0, 300), waistOver(stores[0]!));
    for (const own of [0, 1]) {
      for (const { stream } of targets) {
        expectInOrder(answers.filter((_, i) => i % 2 === own && submissions[i]!.stream === stream));
      }
    }
  });

  it('ask where the streams stand instead of being refused, once most of what they know is out of date', async () => {
    const refused: number[] = [];
    const counted = storeWith(stores[0]!, (real) => ({
      append: async (batch) => {
        const result = await real.append(batch);
        refused.push(result.refused.size);
        return result;
      },
    }));
    const queues = [waistOver(counted), waistOver(stores[1]!)];
    const targets = targetsOf(300);
    await createAll(queues[0]!, targets);
    const answers: Answer[] = [];
    for (const round of [1, 2, 3, 4]) {
      for (const [i, queue] of queues.entries()) {
        const finish = (each: Commands) => each.send(`${round}-${i}`, 'FinishDeployment', { version: `${round}.${i}` });
        answers.push(...(await Promise.all(targets.map((each) => queue.submit(finish(each))))));
      }
    }
    expect(answers.map(({ outcome }) => outcome.outcome)).toEqual(answers.map(() => 'accepted'));
    expect(refused.filter((count) => count > 0)).toEqual([300]);
  });

  it('answer the same to one id that reaches both at once', async () => {
    const queues = stores.map((store) => waistOver(store));
    const targets = targetsOf(10);
    await createAll(queues[0]!, targets);
    const submissions = Array.from({ length: 300 }, (_, i) => anyCommand(oneOf(targets), `c${i}`));
    const answers = await Promise.all(
      submissions.map((submission) => Promise.all(queues.map((queue) => queue.submit(submission)))),
    );
    for (const [one, other] of answers) expect(json(other)).toBe(json(one));
    await expectOneOutcomeEach(
      submissions,
      answers.map(([one]) => one!),
    );
  });

  it('do not let a second batch overtake the first, which is refused though it appends nothing', async () => {
    const [target] = targetsOf(1);
    await createAll(waistOver(stores[0]!), [target!]);
    const known = target!.send('known', 'CreateTarget', {});
    await waistOver(stores[1]!).submit(known);
    const queue = waistOver(stores[0]!, { maxBatch: 2 });
    const [, again] = await Promise.all([
      queue.submit(known),
      queue.submit(target!.send('again', 'CreateTarget', {})),
      queue.submit(target!.send('delete', 'DeleteTarget', {})),
      queue.submit(target!.send('late', 'CancelDeployment', {})),
    ]);
    expect(again!.outcome.code).toBe('target_exists');
  });

  it('do not let a second batch overtake the first while it is still loading states', async () => {
    const [target, other] = targetsOf(2);
    await createAll(waistOver(stores[0]!), [target!, other!]);
    const finish = (commands: Commands, id: string) => commands.send(id, 'FinishDeployment', { version: id });
    let refused!: () => void;
    const firstIsBack = new Promise<void>((resolve) => (refused = resolve));
    let appends = 0;
    const store = storeWith(stores[0]!, (real) => ({
      loadStreams: async (streams) => {
        if (streams.includes(other!.stream)) await firstIsBack;
        return real.loadStreams(streams);
      },
      append: async (batch) => {
        appends += 1;
        if (appends > 1) return real.append(batch);
        await waistOver(stores[1]!).submit(finish(target!, 'elsewhere'));
        const result = await real.append(batch);
        setImmediate(refused);
        return result;
      },
    }));
    const queue = waistOver(store, { maxBatch: 2 });
    const submissions = ['1', '2', '3'].map((id) => finish(target!, id));
    const answers = await Promise.all([...submissions, finish(other!, 'o')].map((each) => queue.submit(each)));
    expect(answers.map(({ deployment }) => deployment!.number)).toEqual([2, 3, 4, 1]);
    await expectOneOutcomeEach(
      [...submissions, finish(target!, 'elsewhere')],
      [...answers.slice(0, 3), await queue.submit(finish(target!, 'elsewhere'))],
    );
  });

  /** Their versions never fall: they were decided in the order in which they were submitted. */
  function expectInOrder(answers: readonly Answer[]): void {
    const versions = answers.map(({ outcome }) => outcome.version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  }
});

describe('When the connection is lost', () => {
  it('again and again under load, every command has one outcome and is answered the same when asked again', async () => {
    const queue = waistOver(stores[0]!, { maxBatch: 50 });
    const targets = targetsOf(20);
    await createAll(queue, targets);
    const submissions: Submission[] = [];
    const answers: Array<Promise<Answer>> = [];
    const deadline = Date.now() + 4_000;
    let killed = 0;
    while (Date.now() < deadline) {
      for (let i = 0; i < 200; i += 1) {
        submissions.push(anyCommand(oneOf(targets), `c${submissions.length}`));
        answers.push(queue.submit(submissions.at(-1)!));
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      killed += await killOthers();
      await Promise.race([Promise.all(answers.slice(-100)), new Promise((resolve) => setTimeout(resolve, 200))]);
    }
    const settled = await Promise.all(answers);
    expect(killed).toBeGreaterThan(10);
    expect(queue.stats()).toEqual({ queued: 0, unanswered: 0 });
    await expectOneOutcomeEach(submissions, settled);
    await expectSameAgain(submissions.slice(-300), settled.slice(-300), waistOver(stores[1]!));
  }, 30_000);

  it('after the append, the outcome that was written is the answer', async () => {
    let lose = true;
    const losing = storeWith(stores[0]!, (real) => ({
      append: async (batch) => {
        const result = await real.append(batch);
        if (!lose) return result;
        lose = false;
        throw connectionLost();
      },
    }));
    const [target] = targetsOf(1);
    await createAll(waistOver(stores[0]!), [target!]);
    const start = target!.send('c1', 'StartDeployment', { version: '1.0' });
    const answer = await waistOver(losing).submit(start);
    await expectOneOutcomeEach([start], [answer]);
  });

  it('and the append goes on in the server after the look-up found nothing, one of the two counts', async () => {
    const targets = targetsOf(3);
    await createAll(waistOver(stores[0]!), targets);
    for (const lateBeforeRetry of [true, false]) {
      let late: (() => Promise<unknown>) | undefined;
      const losing = storeWith(stores[0]!, (real) => ({
        append: async (batch) => {
          if (late === undefined) {
            late = () => stores[1]!.append(batch);
            throw connectionLost();
          }
          if (lateBeforeRetry) await late();
          const result = await real.append(batch);
          if (!lateBeforeRetry) await late();
          return result;
        },
      }));
      const submissions = targets.flatMap((target) => [
        target.send(`${lateBeforeRetry} 1`, 'StartDeployment', { version: '1.0' }),
        target.send(`${lateBeforeRetry} 2`, 'CreateTarget', {}),
        target.send(`${lateBeforeRetry} 3`, 'FinishDeployment', { version: '1.0' }),
      ]);
      const queue = waistOver(losing);
      const answers = await Promise.all(submissions.map((submission) => queue.submit(submission)));
      await expectSameAgain(submissions, answers, waistOver(stores[1]!));
      for (const { stream } of targets) {
        const events = (await stores[0]!.readStream(stream, {})).filter(
          ({ commandId }) => commandId === `${lateBeforeRetry} 1`,
        );
        expect(events).toHaveLength(1);
      }
    }
  });

  it('one whose sender has given up still gets its outcome', async () => {
    let away = true;
    const [target] = targetsOf(1);
    await createAll(waistOver(stores[0]!), [target!]);
    const store = storeWith(stores[0]!, (real) => ({
      append: (batch) => (away ? Promise.reject(connectionLost()) : real.append(batch)),
      loadOutcomes: (ids) => (away ? Promise.reject(connectionLost()) : real.loadOutcomes(ids)),
    }));
    const queue = waistOver(store);
    const finish = target!.send('c1', 'FinishDeployment', { version: '1.0' });
    await expect(queue.submit(finish, { giveUpAfterMs: 100 })).rejects.toThrow('not known yet');
    const again = queue.submit(finish);
    away = false;
    const answer = await again;
    await expectOneOutcomeEach([finish], [answer]);
  });

  it('a drain that ends before the database is back answers that nothing is known', async () => {
    const store = storeWith(stores[0]!, () => ({
      append: () => Promise.reject(connectionLost()),
      loadOutcomes: () => Promise.reject(connectionLost()),
    }));
    const queue = waistOver(store);
    const [target] = targetsOf(1);
    const answer = expect(queue.submit(target!.send('c1', 'CreateTarget', {}))).rejects.toThrow(
      'the same command id again',
    );
    await queue.drain(100);
    await answer;
  });

  /** Ends every connection to the database but the test's own. */
  async function killOthers(): Promise<number> {
    const { rowCount } = await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    return rowCount ?? 0;
  }
});
