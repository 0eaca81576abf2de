import { describe, expect, it } from '@jest/globals';
import { createLogger } from './index.js';

const lines: string[] = [];
const log = createLogger({ level: 'debug', stream: { write: (line: string) => void lines.push(line) } });
const written = (fields: Record<string, unknown>): Record<string, unknown> => {
  log.info(fields, 'said');
  return JSON.parse(lines.pop()!) as Record<string, unknown>;
};

describe('the log', () => {
  it('is one line of JSON with the level in words', () => {
    expect(written({ attempt: 3 })).toMatchObject({ level: 'info', msg: 'said', name: 'shiplog', attempt: 3 });
  });

  it('leaves out whatever is no scalar', () => {
    const line = written({ headers: { authorization: 'Bearer secret' }, body: ['secret'], rows: 2 });
    expect(JSON.stringify(line)).not.toContain('secret');
    expect(line['rows']).toBe(2);
  });

  it('keeps of an error its kind, sentence, code and cause, and no member that may hold a payload', () => {
    const err = Object.assign(new TypeError('failed', { cause: new Error('why') }), {
      code: '23505',
      detail: 'secret',
      where: 'secret',
    });
    const line = written({ err });
    expect(line['err']).toMatchObject({
      type: 'TypeError',
      message: 'failed',
      code: '23505',
      cause: { message: 'why' },
    });
    expect(JSON.stringify(line)).not.toContain('secret');
  });

  it('escapes what would begin a line of its own or steer a terminal', () => {
    log.info({ target: 'a\r\n{"level":"fatal"}\u001b[2J' }, 'said');
    expect(lines.at(-1)!.trimEnd()).not.toMatch(/[\r\n\u001b]/);
  });

  it('shortens what is very long', () => {
    expect(String(written({ target: 'x'.repeat(100_000) })['target']).length).toBeLessThan(1_100);
  });

  it('has children that keep their fields under the same rule', () => {
    log.child({ part: 'relay', secret: { a: 1 } }).warn({}, 'said');
    const line = JSON.parse(lines.pop()!) as Record<string, unknown>;
    expect([line['part'], line['secret']]).toEqual(['relay', undefined]);
  });
});
