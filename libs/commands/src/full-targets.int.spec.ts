import { describe, expect, it } from '@jest/globals';

import { TargetFull, type Submission } from './index.js';
import { commandsFor } from './testing/index.js';
import { suiteWaist, waistOver } from './testing/waist.js';

const suite = suiteWaist();

const LARGE = 'x'.repeat(400_000);
const MOST = 8 * 2 ** 20;

describe('A target on which very much waits', () => {
  it('takes no more until some of it has ended, answers again what it took, and leaves others alone', async () => {
    const target = commandsFor('web-shop', 'full');
    const schedule = (n: number): Submission => {
      const commitRefs = [{ repository: 'web', branch: `refs/heads/${n}` }];
      return target.send(`c${n}`, 'ScheduleDeployment', { version: `${n}`, commitRefs, description: LARGE });
    };
    await suite.waist.submit(target.send('create', 'CreateTarget', {}));
    let taken = 0;
    const fill = async (): Promise<never> => {
      for (; ; taken += 1) await suite.waist.submit(schedule(taken));
    };
    await expect(fill()).rejects.toThrow(TargetFull);
    // A state is written behind every eighth event.
    expect(taken).toBeGreaterThanOrEqual(MOST / LARGE.length);
    expect(taken).toBeLessThan(MOST / LARGE.length + 10);

    const again = await suite.waist.submit(schedule(0));
    expect(again).toMatchObject({ outcome: { commandId: 'c0', outcome: 'accepted', number: 1 } });
    await suite.waist.submit(commandsFor('web-shop', 'other').send('create', 'CreateTarget', {}));
    // As by another replica: this one learns of it when it is asked for more.
    const elsewhere = waistOver(suite.store);
    for (let number = 1; number <= 16; number += 1)
      await elsewhere.submit(target.send(`cancel-${number}`, 'CancelDeployment', { number }));
    await elsewhere.drain();
    const inOrder = [
      schedule(taken),
      target.send('cancel-last', 'CancelDeployment', { number: taken + 1 }),
      schedule(taken + 1),
    ];
    const answers = await Promise.all(inOrder.map((each) => suite.waist.submit(each)));
    expect(answers.map(({ deployment }) => [deployment?.number, deployment?.status])).toEqual([
      [taken + 1, 'scheduled'],
      [taken + 1, 'canceled'],
      [taken + 2, 'scheduled'],
    ]);
  }, 60_000);
});
