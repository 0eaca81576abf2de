import { describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import { nextOffset, OffsetMover } from './offsets.js';

describe('the offset to go on from', () => {
  it('is the end of the batch when all records are handled, markers of transactions included', () => {
    expect(nextOffset([5, 6, 9], [true, true, true], 11)).toBe(11);
  });

  it('is the first record that is not handled, though later ones are', () => {
    expect(nextOffset([5, 6, 9], [true, false, true], 11)).toBe(6);
    expect(nextOffset([5, 6, 9], [false, true, true], 11)).toBe(5);
    expect(nextOffset([5, 6, 9], [true, true, false], 11)).toBe(9);
  });
});

describe('moving offsets', () => {
  const mover = (move: (next: ReadonlyMap<number, number>) => Promise<void>) => {
    const moved: Array<[number, number]>[] = [];
    const said: string[] = [];
    const end = new AbortController();
    const it = new OffsetMover({ move }, end.signal, {
      moved: (next) => void moved.push([...next]),
      waits: (error) => void said.push(`waits: ${(error as Error).message}`),
      failed: (error) => void said.push(`failed: ${(error as Error).message}`),
    });
    return { it, moved, said, end };
  };

  it('moves what was reached meanwhile together, the last of each partition', async () => {
    const { it, moved } = mover(async () => undefined);
    it.reach(0, 5);
    it.reach(0, 7);
    it.reach(1, 3);
    it.reach(0, 9);
    await until(() => moved.length === 2);
    expect(moved).toEqual([
      [[0, 5]],
      [
        [0, 9],
        [1, 3],
      ],
    ]);
    it.reach(1, 4);
    await until(() => moved.length === 3);
    expect(moved[2]).toEqual([[1, 4]]);
  });

  it('tries until the database is back, and says why it waits', async () => {
    let away = 2;
    const { it, moved, said } = mover(async () => {
      if ((away -= 1) >= 0) throw new Error('away');
    });
    it.reach(0, 5);
    await until(() => it.waitsFor !== null);
    expect(it.waitsFor).toBe('Offsets are not moved yet: away');
    await until(() => moved.length === 1);
    expect(it.waitsFor).toBeNull();
    expect(said).toEqual(['waits: away', 'waits: away']);
  });

  it('says that it cannot go on', async () => {
    const { it, said, end } = mover(() => Promise.reject(new Error('away')));
    it.reach(0, 5);
    await until(() => said.length > 0);
    end.abort();
    await until(() => said.some((each) => each.startsWith('failed')));
  });
});
