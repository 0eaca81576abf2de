import { describe, expect, it } from '@jest/globals';
import type { Offsets } from './offsets.js';
import { outsideMarks, PartitionBook } from './partition-book.js';

const book = (kept: number | undefined, low: number, high: number) => {
  const rows = new Map(kept === undefined ? [] : [[0, kept]]);
  const said: string[] = [];
  const marks = { low, high };
  const offsets = {
    topic: 'commands',
    read: async () => new Map(rows),
    move: async (moves: ReadonlyMap<number, number>) =>
      moves.forEach((next, partition) => rows.set(partition, Math.max(next, rows.get(partition) ?? 0))),
  } as unknown as Offsets;
  const wheel = {
    seek: (partition: number, offset: number) => void said.push(`seek ${partition} ${offset}`),
    pause: (partition: number) => void said.push(`pause ${partition}`),
    resume: (partition: number) => void said.push(`resume ${partition}`),
  };
  const halt = (reason: string): void => void said.push(`halt ${reason.split(' ', 1)[0]}`);
  return {
    book: new PartitionBook(offsets, async () => new Map([[0, marks]]), { wheel, partitions: 1, halt }),
    rows,
    said,
    marks,
  };
};

/** The first is halted, the second is not. */
const twoPartitions = () => {
  const made = book(7, 9, 12);
  const { rows, said } = made;
  rows.set(1, 7);
  const marks = new Map([
    [0, { low: 9, high: 12 }],
    [1, { low: 0, high: 20 }],
  ]);
  const { offsets, options } = made.book as never as {
    offsets: Offsets;
    options: ConstructorParameters<typeof PartitionBook>[2];
  };
  return { book: new PartitionBook(offsets, async () => marks, { ...options, partitions: 2 }), said };
};

describe('where a partition goes on', () => {
  it('is where Postgres says, whatever the group thinks', async () => {
    const { book: it, said } = book(7, 0, 10);
    await it.assign([0]);
    expect(said).toEqual(['seek 0 7']);
    expect(await it.isNext(0, 7, 7)).toBe(true);
  });

  it('begins with the first record there is where it is new, and keeps that', async () => {
    const { book: it, rows, said } = book(undefined, 4, 10);
    await it.assign([0]);
    expect(rows.get(0)).toBe(4);
    expect(said).toEqual(['seek 0 4']);
  });

  it('is behind what was taken in, which Postgres knows later', async () => {
    const { book: it, rows, said } = book(7, 0, 20);
    await it.assign([0]);
    it.sees(0, 20);
    it.taken(0, 12);
    expect(await it.next(0)).toBe(12);
    expect(it.status()[0]).toMatchObject({ next: 7, lag: 13 });
    expect(await it.isNext(0, 7, 12)).toBe(false);
    expect(said).toEqual(['seek 0 7', 'seek 0 12']);
    expect(it.status()[0]).toMatchObject({ next: 7, lag: 13 });
    rows.set(0, 12);
    it.moved(new Map([[0, 12]]));
    expect(it.status()[0]).toMatchObject({ next: 12, lag: 8 });
  });

  it('is where Postgres says again when partitions are assigned anew', async () => {
    const { book: it, said } = book(7, 0, 20);
    await it.assign([0]);
    it.taken(0, 12);
    await it.assign([0]);
    expect(await it.next(0)).toBe(7);
    expect(said).toEqual(['seek 0 7', 'seek 0 7']);
  });

  it('knows nothing of partitions that are no longer ours', async () => {
    const { book: it } = book(7, 0, 20);
    await it.assign([]);
    it.taken(0, 12);
    it.moved(new Map([[0, 12]]));
    expect(it.status()).toEqual([]);
  });

  it('turns back a batch that was fetched from before or behind it', async () => {
    const { book: it, said } = book(7, 0, 10);
    expect(await it.isNext(0, 0, 7)).toBe(false);
    expect(await it.isNext(0, 0, 7)).toBe(false);
    expect(said).toEqual(['seek 0 7', 'seek 0 7']);
  });

  it('takes a batch from further on once it was sent back and nothing came from between', async () => {
    const { book: it } = book(7, 0, 10);
    expect(await it.isNext(0, 9, 7)).toBe(false);
    expect(await it.isNext(0, 9, 7)).toBe(true);
  });

  it('forgets that it was sent back when partitions are assigned anew', async () => {
    const { book: it } = book(7, 0, 10);
    await it.isNext(0, 9, 7);
    await it.assign([0]);
    expect(await it.isNext(0, 9, 7)).toBe(false);
  });

  it('halts where records were removed unread, says so once, and goes on when a person has set the offset', async () => {
    const { book: it, rows, said } = book(7, 9, 12);
    await it.assign([0]);
    expect(await it.isNext(0, 9, 7)).toBe(false);
    expect(said).toEqual(['halt commands/0', 'pause 0', 'pause 0']);
    expect(it.status()).toEqual([
      { partition: 0, next: 7, lag: 5, state: 'halted', reason: expect.stringContaining('2 records are gone unread') },
    ]);
    rows.set(0, 9);
    await it.lookAgain();
    expect(said.slice(3)).toEqual(['resume 0', 'seek 0 9']);
    expect(it.status()[0]).toMatchObject({ next: 9, state: 'consuming', reason: null });
  });

  it('lets the others go on where they are while it looks again at one that is halted', async () => {
    const { book: it, said } = twoPartitions();
    await it.assign([0, 1]);
    it.taken(1, 12);
    await it.lookAgain();
    expect(said).toEqual(['halt commands/0', 'pause 0', 'seek 1 7', 'pause 0']);
    expect(await it.next(1)).toBe(12);
  });

  it('halts where the topic ends before it', async () => {
    const { book: it, said } = book(7, 0, 3);
    expect(await it.isNext(0, 0, 7)).toBe(false);
    expect(said[0]).toBe('halt commands/0');
  });

  it('refuses a topic with another number of partitions', async () => {
    const { book: it } = book(0, 0, 0);
    const two = new PartitionBook((it as never as { offsets: Offsets }).offsets, async () => new Map(), {
      wheel: { seek: () => undefined, pause: () => undefined, resume: () => undefined },
      partitions: 12,
      halt: () => undefined,
    });
    await expect(two.assign([0])).rejects.toThrow('has 0 partitions and had 12');
  });

  it.each([
    [5, 5, 5, null],
    [5, 0, 5, null],
    [5, 6, 9, 'gone unread'],
    [5, 0, 4, 'lost records'],
  ])('at %i between %i and %i: %s', (next, low, high, says) => {
    const outside = outsideMarks('t/0', { next, low, high });
    if (says === null) expect(outside).toBeNull();
    else expect(outside).toContain(says);
  });
});
