import { describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime';
import { stopInStages } from './stop.js';

const log = createLogger({ level: 'silent' });
const never = () => new Promise(() => {});

describe('a stop in stages', () => {
  it('takes the steps of a stage side by side, and the stages in order', async () => {
    const done: string[] = [];
    const step = (name: string, ms: number) => ({
      name,
      withinMs: 1_000,
      run: () => new Promise<void>((resolve) => setTimeout(() => (done.push(name), resolve()), ms)),
    });
    expect(await stopInStages([[step('slow', 60), step('quick', 5)], [step('last', 0)]], 5_000, log)).toBe(true);
    expect(done).toEqual(['quick', 'slow', 'last']);
  });

  it('has one end, however many steps hang, and tries them all', async () => {
    const tried: number[] = [];
    const stages = [1, 2, 3].map((n) => [{ name: `${n}`, withinMs: 60_000, run: () => (tried.push(n), never()) }]);
    const begun = performance.now();
    expect(await stopInStages(stages, 200, log)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(tried).toEqual([1, 2, 3]);
  });
});
