import { describe, expect, it } from '@jest/globals';
import type { Pool } from '#event-store';
import type { Carried } from './facade-commands.js';
import { LastEvents } from './last-events.js';

const STREAM = 'target:web-shop/production';

/** A stream that grows, and the rows that were read of it. */
function streamOf(length: number) {
  let end = length;
  const read: number[] = [];
  const query = async ({ text, values }: { text: string; values: unknown[] }) => {
    const [, after] = values as [string, number];
    const limit = Number(/limit (\d+)$/.exec(text.trim())![1]);
    const versions = Array.from({ length: end - after }, (_, n) => end - n).slice(0, limit);
    read.push(versions.length);
    return { rows: versions.map((version) => ({ version, data: '{}' })), rowCount: versions.length };
  };
  const last = new LastEvents({ query } as unknown as Pool);
  const versions = async () => (await last.of(STREAM)).map(({ version }) => version);
  return { last, versions, read, grow: (by: number) => (end += by) };
}

const down = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, n) => from - n);

describe('the last events of a target', () => {
  it('are read once, and then only what came behind them', async () => {
    const { versions, read, grow } = streamOf(3);
    expect(await versions()).toEqual([3, 2, 1]);
    expect(await versions()).toEqual([3, 2, 1]);
    grow(2);
    expect(await versions()).toEqual([5, 4, 3, 2, 1]);
    expect(read).toEqual([3, 0, 2]);
  });

  it('are so many and no more, without a gap, however many came', async () => {
    const { versions, grow } = streamOf(100);
    expect(await versions()).toEqual(down(100, 41));
    grow(1);
    expect(await versions()).toEqual(down(101, 42));
    grow(1_000);
    expect(await versions()).toEqual(down(1_101, 1_042));
  });

  it('are none of a target that nobody wrote to', async () => {
    const { versions, read } = streamOf(0);
    expect([await versions(), await versions(), read]).toEqual([[], [], [0, 0]]);
  });
});

describe('what this process wrote to a target', () => {
  const written = (...versions: readonly number[]): Carried => {
    const events = versions.map((version) => ({ type: 'DeploymentStarted', version, position: 10 * version }));
    return { outcome: { events }, appended: events.map(() => ({ data: '{}' })) } as unknown as Carried;
  };

  it('is known without being read, where nothing lies between', async () => {
    const { last, versions, grow, read } = streamOf(2);
    await versions();
    last.note(STREAM, written(3, 4));
    expect(last.atHand(STREAM)!.map(({ version }) => version)).toEqual([4, 3, 2, 1]);
    last.note(STREAM, written(6));
    expect(last.atHand(STREAM)).toHaveLength(4);
    grow(4);
    expect(await versions()).toEqual([6, 5, 4, 3, 2, 1]);
    expect(read).toEqual([2, 2]);
  });

  it('is not what was written before, and is told again', async () => {
    const { last } = streamOf(0);
    const { appended: _, ...again } = written(1);
    last.note(STREAM, again);
    expect(last.atHand(STREAM)).toBeUndefined();
    last.note(STREAM, written(1));
    expect(last.atHand(STREAM)).toMatchObject([{ type: 'DeploymentStarted', version: 1, position: 10, data: '{}' }]);
  });
});
