import { describe, expect, it } from '@jest/globals';
import type { Item } from './feed.js';
import { Ledger } from './ledger.js';

const items = (from: number, count: number): Item[] =>
  Array.from({ length: count }, (_, i) => ({ position: from + i, message: { value: null } }));
const acknowledged = (from: number, count: number, partition = 0) => ({
  items: items(from, count),
  position: from + count - 1,
  ends: new Map([[partition, from + count]]),
});

/** A database that moves the checkpoint as soon as it is told to. */
const slow = () => {
  const moves: Array<{ position: number; done: (error?: Error) => void }> = [];
  const kept: Array<[number, number][]> = [];
  const doubts: number[] = [];
  const ledger = new Ledger({
    term: {
      advance: (position) =>
        new Promise((resolve, reject) => {
          moves.push({ position, done: (error) => (error ? reject(error) : resolve()) });
        }),
    },
    ends: { keep: async (ends) => void kept.push([...ends]) },
    doubt: (those) => void doubts.push(...those.map(({ position }) => position)),
  });
  const positions = (): number[] => moves.map(({ position }) => position);
  return { ledger, moves, positions, kept, doubts };
};
const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the checkpoint behind what was acknowledged', () => {
  it('moves a little later, once for all sends until then, the ends of their partitions before it', async () => {
    const { ledger, moves, positions, kept } = slow();
    await ledger.note(acknowledged(1, 5));
    await ledger.note(acknowledged(6, 5, 1));
    expect(positions()).toEqual([]);
    await turn(80);
    expect(positions()).toEqual([10]);
    expect(kept).toEqual([
      [
        [0, 6],
        [1, 11],
      ],
    ]);
    moves[0]!.done();
  });

  it('lets one large send go on while the move for the one before is under way, and no more', async () => {
    const { ledger, moves, positions } = slow();
    await ledger.note(acknowledged(1, 1_000));
    let room = false;
    const second = ledger.note(acknowledged(1_001, 1_000)).then(() => (room = true));
    await turn(80);
    expect([positions(), room]).toEqual([[1_000], false]);
    moves[0]!.done();
    await second;
    await turn();
    expect(positions()).toEqual([1_000, 2_000]);
    moves[1]!.done();
  });

  it('settles when all of it is behind the checkpoint', async () => {
    const { ledger, moves, positions } = slow();
    await ledger.note(acknowledged(1, 3));
    let settled = false;
    const settling = ledger.settle().then(() => (settled = true));
    await turn();
    expect([positions(), settled]).toEqual([[3], false]);
    moves[0]!.done();
    await settling;
  });

  it('throws what a move failed with, moves no more, and has in doubt all that is not behind the checkpoint', async () => {
    const { ledger, moves, positions, doubts } = slow();
    await ledger.note(acknowledged(1, 2));
    const settling = ledger.settle();
    await turn();
    await ledger.note(acknowledged(3, 2));
    moves[0]!.done(new Error('deposed'));
    await expect(settling).rejects.toThrow('deposed');
    expect(() => ledger.check()).toThrow('deposed');
    await ledger.close();
    await turn(80);
    expect([positions(), doubts]).toEqual([[2], [1, 2, 3, 4]]);
  });

  it('has nothing to move where nothing was noted', async () => {
    const { ledger, positions } = slow();
    await ledger.settle();
    await ledger.close();
    expect(positions()).toEqual([]);
  });
});
