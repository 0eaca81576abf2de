import { describe, expect, it } from '@jest/globals';
import { oneAtATime } from './one-at-a-time.js';

describe('oneAtATime', () => {
  const questions = () => {
    const asked: Array<{ answer: (value: number) => void; fail: (error: Error) => void }> = [];
    const look = oneAtATime(() => new Promise<number>((answer, fail) => void asked.push({ answer, fail })));
    return { asked, look };
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('answers whoever came meanwhile by one question more, asked behind the first', async () => {
    const { asked, look } = questions();
    const first = look();
    const others = [look(), look(), look()];
    expect(asked).toHaveLength(1);
    asked[0]!.answer(1);
    expect(await first).toBe(1);
    await settled();
    expect(asked).toHaveLength(2);
    const last = look();
    asked[1]!.answer(2);
    expect(await Promise.all(others)).toEqual([2, 2, 2]);
    await settled();
    asked[2]!.answer(3);
    expect(await last).toBe(3);
    void look();
    expect(asked).toHaveLength(4);
  });

  it('asks again behind a question that failed', async () => {
    const { asked, look } = questions();
    const [first, other] = [look(), look()];
    asked[0]!.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await settled();
    asked[1]!.answer(2);
    expect(await other).toBe(2);
  });
});
