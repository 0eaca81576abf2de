import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { isKey, parseSubject, streamOf, subjectOf } from './names.js';

describe('names', () => {
  it('encode project and key, so that a slash only ever separates them', () => {
    expect(subjectOf('octocat/example', 'review/42')).toBe('octocat%2Fexample/review%2F42');
    expect(streamOf('web-shop', 'München 1')).toBe('target:web-shop/M%C3%BCnchen%201');
  });

  it('are read back as they were', () => {
    // fast-check's own unit `binary` takes a second to get ready.
    const unit = fc.integer({ min: 0, max: 0x10_ffff }).filter((point) => point < 0xd800 || point > 0xdfff);
    const key = fc.string({ minLength: 1, maxLength: 20, unit: unit.map((point) => String.fromCodePoint(point)) });
    fc.assert(
      fc.property(key, key, (project, target) => {
        expect(parseSubject(subjectOf(project, target))).toEqual({ project, key: target });
      }),
    );
  });

  it.each(['', 'a', 'a/', '/b', 'a/b/c', 'a/%', 'a/%zz', 'a b/c', 'a/%62', 'a/b%2f', 'ä/b'])(
    '%j is no subject',
    (subject) => expect(parseSubject(subject)).toBeUndefined(),
  );
});

describe('isKey', () => {
  it.each(['a', 'review/42', '...', 'a b', 'é', '😀'.repeat(200), 'x'.repeat(200)])('%j may be a key', (text) =>
    expect(isKey(text)).toBe(true),
  );

  it.each([
    '',
    '.',
    '..',
    ' a',
    'a\u00a0',
    'a\nb',
    'a\u0000',
    'a\u0085',
    'e\u0301',
    '\ud800',
    'x'.repeat(201),
    '😀'.repeat(201),
  ])('%j may not', (text) => expect(isKey(text)).toBe(false));

  it('is none at once where it is long, whatever is in it', () => {
    const began = performance.now();
    expect(isKey(`a${'\u0301'.repeat(65_000)}${'\u0316'.repeat(65_000)}`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
