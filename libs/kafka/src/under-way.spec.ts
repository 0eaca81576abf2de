import { describe, expect, it } from '@jest/globals';
import { UnderWay } from './under-way.js';

const batch = (): { done: Promise<void>; end: () => void; fail: (error: Error) => void } => {
  let end = (): void => undefined;
  let fail = (_: Error): void => undefined;
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { done, end, fail };
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the batches under way', () => {
  it('are reached in their order, whichever is done first', async () => {
    const underWay = new UnderWay();
    const [first, second, other] = [batch(), batch(), batch()];
    const reached: string[] = [];
    for (const [partition, name, { done }] of [
      [0, 'first', first],
      [0, 'second', second],
      [1, 'other', other],
    ] as const)
      void underWay.add(partition, done, () => reached.push(name));
    second.end();
    other.end();
    await turn();
    expect(reached).toEqual(['other']);
    first.end();
    await underWay.over();
    expect(reached).toEqual(['other', 'first', 'second']);
  });

  it('are two of a partition at most', async () => {
    const underWay = new UnderWay();
    const [first, second] = [batch(), batch()];
    await underWay.room(0);
    void underWay.add(0, first.done, () => undefined);
    await underWay.room(0);
    void underWay.add(0, second.done, () => undefined);
    await underWay.room(1);
    let room = false;
    const waiting = underWay.room(0).then(() => (room = true));
    second.end();
    await turn();
    expect(room).toBe(false);
    first.end();
    await waiting;
  });

  it('are reached no more behind one that failed', async () => {
    const underWay = new UnderWay();
    const [first, second] = [batch(), batch()];
    const reached: string[] = [];
    const failed = underWay.add(0, first.done, () => reached.push('first'));
    const behind = underWay.add(0, second.done, () => reached.push('second'));
    second.end();
    first.fail(new Error('once more'));
    await expect(failed).rejects.toThrow('once more');
    await expect(behind).rejects.toThrow('once more');
    await expect(underWay.room(0)).rejects.toThrow('once more');
    await expect(underWay.over()).rejects.toThrow('once more');
    expect(reached).toEqual([]);
  });
});
