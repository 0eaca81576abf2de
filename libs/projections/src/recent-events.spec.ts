import { describe, expect, it } from '@jest/globals';

import type { LogEvent } from './log-events.js';
import { RecentEvents } from './recent-events.js';

const LIMIT = 100;

/** A log that grows, and what was read of it. */
const logOf = (bytes = 10) => {
  const log = { length: 0, reads: [] as number[] };
  const read = async (after: number) => {
    log.reads.push(after);
    const count = Math.min(LIMIT, log.length - after);
    const events = Array.from({ length: count }, (_, index) => ({ position: after + index + 1, bytes }) as LogEvent);
    return { events, isFull: count === LIMIT };
  };
  return { log, recent: new RecentEvents(read, LIMIT) };
};

const positions = async (recent: RecentEvents, after: number) =>
  (await recent.page(after)).events.map(({ position }) => position);

const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the events read last', () => {
  it('are read once for all who stand among them, wherever their pages ended', async () => {
    const { log, recent } = logOf();
    log.length = 50;
    expect(await positions(recent, 0)).toEqual(span(1, 50));
    log.length = 120;
    expect(await positions(recent, 50)).toEqual(span(51, 120));
    expect(await positions(recent, 30)).toEqual(span(31, 120));
    expect(await positions(recent, 0)).toEqual(span(1, LIMIT));
    expect(log.reads).toEqual([0, 50]);
  });

  it('are read once by those who ask at the same time', async () => {
    const { log, recent } = logOf();
    log.length = 10;
    const pages = await Promise.all([recent.page(0), recent.page(0)]);
    expect(pages[0]).toBe(pages[1]);
    expect(log.reads).toEqual([0]);
  });

  it('say that more follows only where the log is known to go on, so that nobody looks in vain', async () => {
    const { log, recent } = logOf();
    log.length = 10;
    recent.grew(10);
    await recent.page(0);
    expect((await recent.page(5)).isFull).toBe(false);
    log.length = 12;
    recent.grew(12);
    expect((await recent.page(5)).isFull).toBe(true);
    expect(await positions(recent, 10)).toEqual([11, 12]);
    expect((await recent.page(5)).isFull).toBe(false);
    expect(await recent.page(12)).toEqual({ events: [], isFull: false });
  });

  it('say that more follows where a page is full and they go on', async () => {
    const { log, recent } = logOf();
    log.length = 150;
    recent.grew(150);
    await recent.page(0);
    await recent.page(100);
    expect((await recent.page(20)).isFull).toBe(true);
    expect((await recent.page(60)).isFull).toBe(false);
  });

  it('are not given up for one who is far behind, who reads the log', async () => {
    const { log, recent } = logOf();
    log.length = 30_000;
    for (let after = 20_000; after < 30_000; after += LIMIT) await recent.page(after);
    log.reads.length = 0;
    expect(await positions(recent, 0)).toEqual(span(1, LIMIT));
    expect(await positions(recent, 29_950)).toEqual(span(29_951, 30_000));
    expect(log.reads).toEqual([0]);
  });

  it('are no more than so many, and no more than so many bytes of them', async () => {
    for (const [bytes, kept] of [
      [10, 6_000],
      [2 ** 20, 8],
    ] as const) {
      const { log, recent } = logOf(bytes);
      log.length = 12_000;
      for (let after = 0; after < log.length; after += LIMIT) await recent.page(after);
      log.reads.length = 0;
      await recent.page(log.length - kept);
      expect(log.reads).toEqual([]);
      await recent.page(log.length - kept - 1);
      expect(log.reads).toHaveLength(1);
    }
  });

  it('are asked for again where reading them failed', async () => {
    let fails = true;
    const recent = new RecentEvents(async () => {
      if (fails) throw new Error('away');
      return { events: [], isFull: false };
    }, LIMIT);
    await expect(recent.page(0)).rejects.toThrow('away');
    fails = false;
    await expect(recent.page(0)).resolves.toEqual({ events: [], isFull: false });
  });
});
