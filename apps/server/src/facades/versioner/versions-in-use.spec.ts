import { beforeEach, expect, it } from '@jest/globals';
import { VersionsInUse } from './versions-in-use.js';

type Made = Readonly<{ id: number; version: string }>;

let now: number;
let made: Made[];
let asked: number[];
let versions: VersionsInUse;
beforeEach(() => {
  now = 0;
  made = [{ id: 7, version: '1' }];
  asked = [];
  versions = new VersionsInUse(
    async (product, after, limit) => {
      asked.push(after);
      if (product === 'broken') throw new Error('no database');
      return made
        .filter(({ id }) => id > after)
        .toReversed()
        .slice(0, limit);
    },
    () => now,
  );
});

/** What is said this much later, once what was read behind the question is there. */
const after = async (ms: number, version: string, product = 'svc'): Promise<boolean> => {
  now += ms;
  const lacks = versions.lacks(product, version);
  await new Promise(setImmediate);
  return lacks;
};

it('knows what is missing once it was asked twice within a second', async () => {
  expect(await after(0, '2')).toBe(false);
  expect(asked).toEqual([]);
  expect(await after(10, '2')).toBe(false);
  expect(await after(10, '2')).toBe(true);
  expect(await after(10, '1')).toBe(false);
  expect(asked).toEqual([0]);
});

it('reads nothing for who asks now and then', async () => {
  for (let n = 0; n < 5; n += 1) expect(await after(1_500, '2')).toBe(false);
  expect(asked).toEqual([]);
});

it('reads what came since while it is asked, and says nothing that is older than a second', async () => {
  for (const wait of [0, 10]) await after(wait, '2');
  expect(await after(400, '2')).toBe(true);
  expect(asked).toEqual([0]);
  made.push({ id: 9, version: '2' });
  expect(await after(200, '2')).toBe(true);
  expect(await after(10, '2')).toBe(false);
  expect(await after(10, '3')).toBe(true);
  expect(asked).toEqual([0, 7]);
  expect(await after(1_000, '3')).toBe(false);
});

it('of another product knows nothing', async () => {
  for (const wait of [0, 10]) await after(wait, '2');
  expect(await after(10, '2', 'other')).toBe(false);
});

it('holds no more than ten thousand of a product, and does not read on', async () => {
  made = Array.from({ length: 10_001 }, (_, n) => ({ id: n + 1, version: String(n) }));
  for (let n = 0; n < 5; n += 1) expect(await after(300, 'new')).toBe(false);
  expect(asked).toEqual([0]);
});

it('knows nothing while it cannot read, and tries again', async () => {
  for (let n = 0; n < 4; n += 1) expect(await after(10, '2', 'broken')).toBe(false);
  expect(asked).toEqual([0, 0, 0]);
});
