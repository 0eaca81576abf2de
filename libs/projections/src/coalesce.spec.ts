import { describe, expect, it } from '@jest/globals';
import { coalesce } from './coalesce.js';

/** Loads that wait to be answered. */
const loads = () => {
  const asked: Array<{
    keys: readonly string[];
    answer: (found: Map<string, string>) => void;
    fail: (error: Error) => void;
  }> = [];
  const load = (keys: readonly string[]) =>
    new Promise<ReadonlyMap<string, string>>((answer, fail) => void asked.push({ keys, answer, fail }));
  return { asked, load };
};
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('coalesce', () => {
  it('makes one load of what is asked in one turn, each key once', async () => {
    const { asked, load } = loads();
    const get = coalesce(load);
    const answers = Promise.all([get('a'), get('b'), get('a'), get('c')]);
    await turn();
    expect(asked.map(({ keys }) => keys)).toEqual([['a', 'b', 'c']]);
    asked[0]!.answer(
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    );
    expect(await answers).toEqual(['1', '2', '1', undefined]);
  });

  it('collects while two loads are under way, and never joins one that has begun', async () => {
    const { asked, load } = loads();
    const get = coalesce(load);
    const answers: Array<Promise<string | undefined>> = [];
    for (const key of ['a', 'b', 'a', 'd']) {
      answers.push(get(key));
      await turn();
    }
    expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
    asked[1]!.answer(new Map());
    await turn();
    expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['a', 'd']]);
    asked[0]!.answer(new Map([['a', 'old']]));
    asked[2]!.answer(new Map([['a', 'new']]));
    expect(await Promise.all(answers)).toEqual(['old', undefined, 'new', undefined]);
  });

  it('hands a failure to all who asked, and goes on', async () => {
    const { asked, load } = loads();
    const get = coalesce(load);
    const failed = Promise.allSettled([get('a'), get('b')]);
    await turn();
    asked[0]!.fail(new Error('away'));
    expect(await failed).toMatchObject([{ reason: { message: 'away' } }, { reason: { message: 'away' } }]);
    const next = get('a');
    await turn();
    asked[1]!.answer(new Map([['a', '1']]));
    expect(await next).toBe('1');
  });
});
