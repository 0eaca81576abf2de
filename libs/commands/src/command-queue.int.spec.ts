import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';

import { CommandIdReused, Unavailable, type Answer, type Submission } from './index.js';
import { commandsFor } from './testing/index.js';
import { connectionLost, storeWith, suiteWaist, waistOver } from './testing/waist.js';

const suite = suiteWaist();

const all = (submissions: readonly Submission[], queue = suite.waist): Promise<Answer[]> =>
  Promise.all(submissions.map((submission) => queue.submit(submission)));

const json = (answer: unknown): string => JSON.stringify(answer);

describe('A command', () => {
  it('is answered with where it stands in the log, and the target and deployment as just after it', async () => {
    const target = await suite.newTarget();
    const {
      outcome,
      deployment,
      target: state,
    } = await suite.waist.submit(target.send('c1', 'StartDeployment', { version: '1.0' }));
    const events = await suite.store.readStream(target.stream, { after: 1 });
    expect(outcome).toEqual({
      commandId: 'c1',
      outcome: 'accepted',
      number: 1,
      version: 2,
      position: events[0]!.position,
      events: [{ type: 'DeploymentStarted', version: 2, position: events[0]!.position }],
    });
    expect(deployment).toMatchObject({
      number: 1,
      status: 'deploying',
      created: { version: 2, position: outcome.position },
    });
    expect(state).toMatchObject({ version: 2, open: [{ number: 1 }] });
    expect(events.map(({ commandId, type }) => [commandId, type])).toEqual([['c1', 'DeploymentStarted']]);
  });

  it('that is rejected is answered with where the stream stands, 0 where there is none', async () => {
    const target = await suite.newTarget();
    const [stored] = await suite.store.readStream(target.stream, {});
    const again = await suite.waist.submit(target.send('c1', 'CreateTarget', {}));
    expect(again).toMatchObject({
      outcome: { outcome: 'rejected', code: 'target_exists', version: 1, position: stored!.position, events: [] },
      target: null,
      deployment: null,
    });
    const nowhere = commandsFor('web-shop', 'nowhere');
    const { outcome } = await suite.waist.submit(nowhere.send('c1', 'FinishDeployment', { version: '1' }));
    expect(outcome).toMatchObject({ code: 'target_not_found', version: 0, position: 0 });
  });

  it('of a stream is decided after those submitted before it', async () => {
    const target = await suite.newTarget();
    const versions = Array.from({ length: 1_200 }, (_, i) => String(i));
    const answers = await all(versions.map((version) => target.send(`c${version}`, 'FinishDeployment', { version })));
    expect(answers.map(({ deployment }) => [deployment?.number, deployment?.version])).toEqual(
      versions.map((version, i) => [i + 1, version]),
    );
    expect(await suite.store.readStream(target.stream, { after: 2_399, limit: 5 })).toMatchObject([
      { type: 'DeploymentFinished', version: 2_400 },
    ]);
  });

  it('joins the same command that is under way, and is refused where that is another one', async () => {
    const target = await suite.newTarget();
    const start = target.send('c1', 'StartDeployment', { version: '1.0' });
    const other = target.send('c1', 'StartDeployment', { version: '2.0' });
    const [first, second, third] = await Promise.allSettled(
      [start, start, other].map((each) => suite.waist.submit(each)),
    );
    expect(second).toEqual(first);
    expect(third).toMatchObject({ status: 'rejected', reason: expect.any(CommandIdReused) });
    expect(await suite.store.readStream(target.stream, { after: 1 })).toHaveLength(1);
  });

  it('is answered with its outcome also while another one under its id is under way', async () => {
    const target = await suite.newTarget();
    const first = target.send('c1', 'StartDeployment', { version: '1.0' });
    const other = target.send('c1', 'StartDeployment', { version: '2.0' });
    const answer = await suite.waist.submit(first);
    const [refused, again, more] = await Promise.allSettled(
      [other, first, other].map((each) => suite.waist.submit(each)),
    );
    expect(json((again as PromiseFulfilledResult<Answer>).value)).toBe(json(answer));
    for (const each of [refused, more]) expect(each).toMatchObject({ reason: expect.any(CommandIdReused) });
  });

  it('that has its outcome is answered with it, to the byte, however much has happened since', async () => {
    const target = await suite.newTarget();
    const commands = [
      target.send('start', 'StartDeployment', {
        version: '1.0',
        commitRefs: [{ repository: 'r', branch: 'b', commit: 'c' }],
      }),
      target.send('finish', 'FinishDeployment', { version: '1.0', metadata: { 'a"b': [1, { z: -0 }] } }),
      target.send('create', 'CreateTarget', { name: 'x' }),
      target.send('fail', 'FailDeployment', { version: '2.0', reason: 'no' }),
      target.send('next', 'FinishDeployment', { version: '3.0' }),
      target.send('settings', 'ChangeTarget', { settings: { requireSchedule: true } }),
      target.send('nothing', 'ChangeTarget', { settings: { requireSchedule: true } }),
      target.send('gone', 'DeleteTarget', {}),
    ].filter(({ commandId }) => commandId !== 'create');
    const answers = await all(commands);
    const again = await all(commands);
    expect(again.map(json)).toEqual(answers.map(json));
    const cold = waistOver(suite.store);
    expect((await all(commands.toReversed(), cold)).toReversed().map(json)).toEqual(answers.map(json));
    const asked = await Promise.all(commands.map(({ commandId }) => cold.outcomeOf(target.stream, commandId)));
    expect(asked.map(json)).toEqual(answers.map(({ outcome }) => json(outcome)));
    expect(await cold.outcomeOf(target.stream, 'unheard-of')).toBeUndefined();
  });

  it('is refused where its id has the outcome of another', async () => {
    const target = await suite.newTarget();
    await suite.waist.submit(target.send('c1', 'StartDeployment', { version: '1.0' }));
    for (const queue of [suite.waist, waistOver(suite.store)]) {
      await expect(queue.submit(target.send('c1', 'StartDeployment', { version: '2.0' }))).rejects.toBeInstanceOf(
        CommandIdReused,
      );
    }
    expect(await suite.store.readStream(target.stream, {})).toHaveLength(2);
  });

  it('shows the id of a deployment also where the state was written before it was known', async () => {
    const target = await suite.newTarget();
    const started = await suite.waist.submit(target.send('c1', 'StartDeployment', { version: '1.0' }));
    const finished = await waistOver(suite.store).submit(target.send('c2', 'FinishDeployment', { version: '1.0' }));
    expect(finished.deployment!.created).toEqual({ version: 2, position: started.outcome.position });
  });

  it('shows it as well where more was decided before it was known', async () => {
    const target = await suite.newTarget();
    const [started] = await all([
      target.send('c1', 'StartDeployment', { version: '1.0' }),
      target.send('c2', 'ChangeTarget', { description: 'The shop' }),
    ]);
    const finished = await waistOver(suite.store).submit(target.send('c3', 'FinishDeployment', { version: '1.0' }));
    expect(finished.outcome.version).toBe(4);
    expect(finished.deployment!.created).toEqual({ version: 2, position: started!.outcome.position });
  });

  it.each<[what: string, asked: () => Promise<unknown>]>([
    ['are long in coming', () => sleep(100)],
    ['cannot be had at first', () => sleep(100).then(() => Promise.reject(connectionLost()))],
  ])(
    'shows the ids of what the batch before it created, though positions that this one lacks %s',
    async (what, asked) => {
      const [one, two, three] = [commandsFor('web-shop', what), await suite.newTarget(), await suite.newTarget()];
      // Of the deployment that the state has its position was not known yet when that was written.
      await all([
        one.send('create', 'CreateTarget', {}),
        one.send('c1', 'StartDeployment', { version: '1' }),
        one.send('c2', 'ChangeTarget', { name: 'a name' }),
      ]);
      let asks = 0;
      const waist = waistOver(
        storeWith(suite.store, (real) => ({
          positionsOf: async (places) => {
            if ((asks += 1) === 1) await asked();
            return real.positionsOf(places);
          },
        })),
        { maxBatch: 2 },
      );
      const submissions = [
        one.send('c3', 'ChangeDeployment', { number: 1, description: 'x' }),
        two.send('c3', 'StartDeployment', { version: '2' }),
        two.send('c4', 'FinishDeployment', { number: 1 }),
        three.send('c3', 'ChangeTarget', { name: 'a name' }),
      ];
      // As each is answered, not as it stands once all are.
      const ids = await Promise.all(
        submissions.map(async (each) => (await waist.submit(each)).deployment?.created.position),
      );
      expect(asks).toBeGreaterThan(0);
      expect(ids).toEqual([expect.any(Number), expect.any(Number), ids[1], undefined]);
    },
  );

  it('that the database will not take is refused alone', async () => {
    const target = await suite.newTarget();
    const bad = target.send('bad\0', 'FinishDeployment', { version: 'bad' });
    const good = Array.from({ length: 60 }, (_, i) => target.send(`g${i}`, 'FinishDeployment', { version: `${i}` }));
    const others = await Promise.all(Array.from({ length: 5 }, suite.newTarget));
    const elsewhere = others.map((other) => other.send('c1', 'FinishDeployment', { version: '1' }));
    const settled = await Promise.allSettled(
      [...good.slice(0, 20), ...elsewhere, bad, ...good.slice(20)].map((each) => suite.waist.submit(each)),
    );
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: '22021' } }]);
    const events = await suite.store.readStream(target.stream, {});
    expect(events.filter(({ type }) => type === 'DeploymentFinished').map(({ commandId }) => commandId)).toEqual(
      good.map(({ commandId }) => commandId),
    );
  });
});

describe('The queue', () => {
  it('is bounded', async () => {
    const small = waistOver(suite.store, { maxQueued: 10 });
    const target = await suite.newTarget();
    const submissions = Array.from({ length: 12 }, (_, i) =>
      target.send(`c${i}`, 'FinishDeployment', { version: `${i}` }),
    );
    const settled = await Promise.allSettled(submissions.map((each) => small.submit(each)));
    expect(settled.map(({ status }) => status)).toEqual([...Array(10).fill('fulfilled'), 'rejected', 'rejected']);
    expect(settled[10]).toMatchObject({ reason: { name: 'Unavailable', retryAfterSeconds: 1 } });
  });

  it('is bounded by the bytes of what has no answer yet', async () => {
    const small = waistOver(suite.store, { maxBytes: 1_000 });
    const target = await suite.newTarget();
    const send = (id: string) =>
      small.submit({ ...target.send(id, 'FinishDeployment', { version: id }), bytes: 600 }).then(() => 'answered');
    const settled = await Promise.allSettled(['a', 'b', 'c'].map(send));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(await send('d')).toBe('answered');
  });

  it('spares who asks for an outcome only the fold that tells more of one that stands', async () => {
    const target = await suite.newTarget();
    const command = target.send('c1', 'StartDeployment', { version: '1' });
    const first = await suite.waist.submit(command, { outcomeOnly: true });
    const again = await waistOver(suite.store).submit(command, { outcomeOnly: true });
    expect(again).toEqual({ outcome: first.outcome, target: null, deployment: null });
    expect(json(await suite.waist.submit(command))).toBe(json(first));
  });

  it('lets a command be given up that waits, and asks for patience with one that is under way', async () => {
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slow = storeWith(suite.store, (real) => ({ append: (batch) => gate.then(() => real.append(batch)) }));
    const queue = waistOver(slow);
    const target = await suite.newTarget();
    const underWay = target.send('c1', 'StartDeployment', { version: '1.0' });
    const waits = target.send('c2', 'FinishDeployment', { version: '1.0' });
    const first = queue.submit(underWay, { giveUpAfterMs: 20 });
    await Promise.resolve();
    const second = queue.submit(waits, { giveUpAfterMs: 20 });
    await expect(first).rejects.toThrow('not known yet');
    await expect(second).rejects.toThrow('could not be decided in time');
    expect(queue.stats()).toEqual({ queued: 0, unanswered: 1 });
    open();
    expect(await queue.submit(underWay)).toMatchObject({ outcome: { outcome: 'accepted', version: 2 } });
    await queue.drain();
    expect(await queue.outcomeOf(target.stream, 'c2')).toBeUndefined();
  });

  it('takes nothing new while it drains, and answers what it has', async () => {
    const target = await suite.newTarget();
    const queue = waistOver(suite.store);
    const submitted = all(
      Array.from({ length: 700 }, (_, i) => target.send(`c${i}`, 'FinishDeployment', { version: `${i}` })),
      queue,
    );
    const drained = queue.drain();
    await expect(queue.submit(target.send('late', 'FinishDeployment', { version: '1' }))).rejects.toBeInstanceOf(
      Unavailable,
    );
    await drained;
    expect(queue.stats()).toEqual({ queued: 0, unanswered: 0 });
    expect(await submitted).toHaveLength(700);
  });

  it('tells an observer what it appended and answered', async () => {
    const appended: number[] = [];
    const answered: string[] = [];
    const observer = {
      appended: (commands: number) => void appended.push(commands),
      answered: (type: string, outcome: string) => void answered.push(`${type} ${outcome}`),
    };
    const target = await suite.newTarget();
    const queue = waistOver(suite.store, { observer });
    const finish = target.send('c1', 'FinishDeployment', { version: '1' });
    await all([finish, target.send('c2', 'CreateTarget', {})], queue);
    await queue.submit(finish);
    await expect(queue.submit(target.send('c1', 'CreateTarget', {}))).rejects.toBeInstanceOf(CommandIdReused);
    expect(appended).toEqual([2, 1, 1]);
    expect(answered).toEqual([
      'FinishDeployment accepted',
      'CreateTarget target_exists',
      'FinishDeployment accepted',
      'CreateTarget reused',
    ]);
  });
});
