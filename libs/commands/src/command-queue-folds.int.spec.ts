import { describe, expect, it } from '@jest/globals';

import type { Answer, Submission } from './index.js';
import { storeWith, suiteWaist, waistOver } from './testing/waist.js';

const suite = suiteWaist();

const all = (submissions: readonly Submission[]): Promise<Answer[]> =>
  Promise.all(submissions.map((submission) => suite.waist.submit(submission)));

/** Shows states as other code would have written them. */
const foreign = () =>
  storeWith(suite.store, (real) => ({
    loadStreams: async (streams) => {
      const found = await real.loadStreams(streams);
      return new Map([...found].map(([name, snapshot]) => [name, { ...snapshot, state: '[0,[]]' }]));
    },
  }));

const json = (answer: unknown): string => JSON.stringify(answer);

describe('A command', () => {
  it('that needs its history gets it, between those before and those after it', async () => {
    const target = await suite.newTarget();
    const finishes = ['1.0', '2.0', '3.0', '4.0'].map((version) =>
      target.send(version, 'FinishDeployment', { version }),
    );
    const rollback = target.send('back', 'RollbackDeployment', { to: 1 });
    const last = target.send('last', 'FinishDeployment', { version: '1.0' });
    const answers = await all([...finishes, rollback, last]);
    expect(answers[4]!.deployment).toMatchObject({ number: 5, version: '1.0', rollbackOf: 4 });
    expect(answers[5]!.deployment).toMatchObject({ number: 5, status: 'current' });
    expect(json(await waistOver(suite.store).submit(rollback))).toBe(json(answers[4]));
    expect(answers[4]!.target!.history).toBeUndefined();
  });

  it('that needs its history reads the log once, however often another writer is faster', async () => {
    const target = await suite.newTarget();
    const finishes = Array.from({ length: 1_100 }, (_, i) =>
      target.send(`f${i}`, 'FinishDeployment', { version: `${i}` }),
    );
    await all(finishes);
    let read = 0;
    let rivals = 0;
    const outrun = storeWith(suite.store, (real) => ({
      readStream: async (stream, range) => {
        const events = await real.readStream(stream, range);
        read += events.length;
        return events;
      },
      append: async (batch) => {
        if (rivals < 5) {
          rivals += 1;
          await suite.waist.submit(target.send(`r${rivals}`, 'FinishDeployment', { version: `r${rivals}` }));
        }
        return real.append(batch);
      },
    }));
    const { outcome, deployment } = await waistOver(outrun).submit(
      target.send('back', 'RollbackDeployment', { to: 7 }),
    );
    expect(deployment).toMatchObject({ version: '6', rollbackOf: 1_105 });
    expect([rivals, read]).toEqual([5, outcome.version - 1]);
  });

  it('is decided on the log itself where the state was written with another schema', async () => {
    const target = await suite.newTarget();
    await suite.waist.submit(target.send('c1', 'FinishDeployment', { version: '1.0' }));
    const { outcome, target: state } = await waistOver(foreign()).submit(
      target.send('c2', 'FinishDeployment', { version: '2.0' }),
    );
    expect(outcome.version).toBe(4);
    expect(state!.current).toMatchObject({ number: 2, created: { version: 4, position: outcome.position } });
  });

  it('is answered again, and decided on a folded state, also where a deployment has recovered', async () => {
    const target = await suite.newTarget();
    await suite.waist.submit(target.send('f', 'FailDeployment', { version: '1' }));
    const recovery = target.send('r', 'FinishDeployment', { version: '1', number: 1 });
    const first = await suite.waist.submit(recovery);
    expect(first.deployment).toMatchObject({ number: 1, status: 'current' });
    expect(json(await waistOver(suite.store).submit(recovery))).toBe(json(first));
    const { outcome } = await waistOver(foreign()).submit(target.send('c', 'ChangeTarget', { name: 'x' }));
    expect(outcome).toMatchObject({ outcome: 'accepted', version: 4 });
  });
});
