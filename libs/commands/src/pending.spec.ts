import { describe, expect, it } from '@jest/globals';

import { Pending, type Ending } from './pending.js';
import { Unavailable, type Answer, type Submission } from './types.js';

function pendingWith(endings: Ending[]): Pending {
  return new Pending({} as Submission, 'key', 1, (_, ending) => endings.push(ending));
}

const answer = { target: null } as Answer;

describe('A command on its way', () => {
  it('gives its one answer to all who wait for it', async () => {
    const endings: Ending[] = [];
    const pending = pendingWith(endings);
    const waiting = [pending.wait({}), pending.wait({ giveUpAfterMs: 60_000 })];
    pending.answer(answer);
    await expect(Promise.all(waiting)).resolves.toEqual([answer, answer]);
    expect(endings).toEqual([answer]);
  });

  it('is abandoned when the last who waited has given up before it was under way', async () => {
    const endings: Ending[] = [];
    const pending = pendingWith(endings);
    const [first, second] = [pending.wait({ giveUpAfterMs: 1 }), pending.wait({ giveUpAfterMs: 2 })];
    await expect(first).rejects.toBeInstanceOf(Unavailable);
    await expect(second).rejects.toBeInstanceOf(Unavailable);
    expect(pending.settled).toBe(true);
    expect(endings).toEqual(['abandoned']);
  });

  it('stays on its way when somebody else still waits', async () => {
    const endings: Ending[] = [];
    const pending = pendingWith(endings);
    const patient = pending.wait({});
    await expect(pending.wait({ giveUpAfterMs: 1 })).rejects.toThrow('could not be decided in time');
    expect(endings).toEqual([]);
    pending.answer(answer);
    await expect(patient).resolves.toBe(answer);
  });

  it('stays to be resolved once it is under way, though nobody waits', async () => {
    const endings: Ending[] = [];
    const pending = pendingWith(endings);
    pending.underWay = true;
    await expect(pending.wait({ giveUpAfterMs: 1 })).rejects.toThrow('not known yet');
    expect(endings).toEqual([]);
    pending.answer(answer);
    expect(endings).toEqual([answer]);
  });
});
