import { describe, expect, it } from '@jest/globals';
// @ts-expect-error: a program of Node alone, as tools are
import { historyOf, simulate } from './simulation/workers.mjs';

const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 1_000);

describe('the whole system, simulated', () => {
  it(`keeps every promise, whatever ${SEEDS} seeds break`, async () => {
    const { failed, sums } = await simulate({ count: SEEDS });
    expect(failed.slice(0, 2).map(historyOf)).toEqual([]);
    expect(sums.seeds).toBe(SEEDS);
    // Faults that are not drawn prove nothing.
    expect(Object.keys(sums.faults).length).toBeGreaterThan(12);
  }, 900_000);

  it('does the same again when a seed is run again, whatever was run before', async () => {
    const [all, last] = [
      await simulate({ count: 20, digests: true }),
      await simulate({ from: 11, count: 10, digests: true }),
    ];
    expect(last.digests.size).toBe(10);
    for (const [seed, digest] of last.digests) expect(all.digests.get(seed)).toBe(digest);
  }, 300_000);
});
