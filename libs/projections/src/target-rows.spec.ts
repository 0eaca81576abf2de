import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Target } from '#domain';
import { change, create, finish, given, refs, schedule, start } from '#domain/testing';
import { currentText, toState } from './target-rows.js';

const ran = given(create(), start({ version: '1', commitRefs: refs('main@a') }), finish({ commitRefs: refs('main') }));
const { target } = ran.stream;
const expected = ({ current }: Target): string => JSON.stringify(current);

describe('what is current in a stored state', () => {
  it('is the text that stands there, with and without others in flight, and null where nothing is', () => {
    const waiting = given(create(), schedule({ version: '2' })).stream.target;
    const both = { ...target, open: waiting.open };
    for (const each of [target, waiting, both, given(create()).stream.target])
      expect(currentText(toState(each))).toBe(expected(each));
    expect(currentText(toState(waiting))).toBe('null');
  });

  it('is that of whatever stands around it and in it', () => {
    const like = [
      ',"open":[],"current":{}',
      '"open":[',
      'x"open":[],"current":',
      ',"formerCurrent":null,"timedOut":[]}',
    ];
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...like, toState(target)));
    const record = fc.dictionary(fc.oneof(text, fc.constantFrom('open', 'current')), text);
    const metadata = fc.oneof(record, fc.constantFrom({ open: [], current: { formerCurrent: null, timedOut: [] } }));
    fc.assert(
      fc.property(text, record, metadata, fc.boolean(), (description, labels, more, alsoOpen) => {
        const current = { ...target.current!, description, metadata: more };
        const around = { ...target, description, labels, repositories: [description, 'open'], current };
        const each = { ...around, open: alsoOpen ? [current] : [] };
        expect(currentText(toState(each))).toBe(expected(each));
      }),
    );
  });

  it('is found in a state that was laid out otherwise', () => {
    const changed = given(create(), change({ requireSchedule: true })).stream.target;
    const { current, open, ...rest } = { ...changed, current: target.current };
    expect(currentText(JSON.stringify({ current, open, ...rest }))).toBe(JSON.stringify(target.current));
  });
});
