import { describe, expect, it } from '@jest/globals';
import { createLogger, stopInOrder } from './index.js';

const log = createLogger({ level: 'silent' });

describe('stopInOrder', () => {
  it('takes each step after the one before is done', async () => {
    const done: string[] = [];
    const step = (name: string) => ({
      name,
      withinMs: 1000,
      run: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        done.push(name);
      },
    });
    expect(await stopInOrder([step('drain'), step('close')], log)).toBe(true);
    expect(done).toEqual(['drain', 'close']);
  });

  it('goes on after a step that fails, throws or never ends, and says so', async () => {
    const done: string[] = [];
    const steps = [
      { name: 'fails', withinMs: 1000, run: () => Promise.reject(new Error('no')) },
      {
        name: 'throws',
        withinMs: 1000,
        run: () => {
          throw new Error('no');
        },
      },
      { name: 'hangs', withinMs: 5, run: () => new Promise(() => undefined) },
      { name: 'last', withinMs: 1000, run: () => done.push('last') },
    ];
    expect(await stopInOrder(steps, log)).toBe(false);
    expect(done).toEqual(['last']);
  });
});
