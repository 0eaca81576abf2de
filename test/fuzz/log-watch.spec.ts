import { describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime';
import { LogWatch } from './log-watch.js';

const SECRET = 'the-secret-of-the-run';

/** What is found where these pieces come, one after the other, behind a first line of the logger. */
const faultsIn = (...pieces: (string | Buffer)[]): string[] => {
  const faults: string[] = [];
  const watch = new LogWatch([SECRET], (what) => faults.push(what.replace(/:.*/s, '')));
  for (const piece of [written({ n: 1 }), ...pieces]) watch.read(Buffer.from(piece as string), 'stderr');
  watch.end();
  return faults;
};

const written = (fields: object, message = 'said'): string => {
  let line = '';
  createLogger({ stream: { write: (text) => void (line = text) } }).info(fields, message);
  return line;
};
const forged = { level: 'info', time: '2026-11-22T00:00:00.000Z', pid: 1, name: 'shiplog', msg: 'forged' };

describe('what is looked for in a log', () => {
  it('is not there in what the logger writes, wherever a piece of it ends', () => {
    const bytes = Buffer.from(written({ target: 'é\r\n\u001b[2J🚀', err: new Error('a\nb') }) + written({}));
    for (let at = 0; at < bytes.length; at += 1)
      expect(faultsIn(bytes.subarray(0, at), bytes.subarray(at))).toEqual([]);
  });

  it.each<[string, string[], string[]]>([
    [
      'a line that was broken in two',
      ['{"level":"info",', '\n"msg":"said"}\n'],
      Array(2).fill('is not what the logger writes'),
    ],
    ['a line that looks like one of ours', [`${JSON.stringify(forged)}\n`], ['is not what the logger writes']],
    ['a level in digits', [written({}).replace('"info"', '30')], ['is not what the logger writes']],
    ['a line that is no object', ['null\n'], ['is not what the logger writes']],
    ['a carriage return', [written({}).replace('\n', '\r\n')], ['holds a control character']],
    ['a control character of the second set', [written({}, 'a\u009b2J')], ['holds a control character']],
    ['a secret that came in two pieces', [...halves(written({ target: SECRET }))], ['holds a secret']],
    ['a token that the service made', [written({ target: `shl_${'a'.repeat(36)}` })], ['holds a secret']],
    ['an end within a line', ['{"level"'], ['ends within a line']],
    [
      'a line without an end',
      ['x'.repeat(70_000), '\n'],
      ['is not what the logger writes', 'is not what the logger writes'],
    ],
  ])('is %s', (_what, pieces, found) => {
    expect(faultsIn(...pieces)).toEqual(found);
  });
});

function halves(text: string): [string, string] {
  const at = text.indexOf(SECRET) + 5;
  return [text.slice(0, at), text.slice(at)];
}
