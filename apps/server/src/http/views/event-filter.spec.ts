import { describe, expect, it } from '@jest/globals';
import { passes } from '#event-store';
import type { Reach } from '#projections';
import type { Query } from '../parameters.js';
import { filterOf, isNothing } from './event-filter.js';

const streams = ['a/x', 'a/y', 'ab/x', 'b%2Fa/x', 'c/x%2Fx'];
const seen = (query: Query, reach: Reach): string[] =>
  streams.filter((key) => passes(filterOf(query, reach), { type: 'TargetCreated', stream: `target:${key}` }));

describe('what a reader sees of the log', () => {
  it.each<[Query, Reach, string[]]>([
    [{}, '*', streams],
    [{ project: 'a' }, '*', ['a/x', 'a/y']],
    [{ target: 'x' }, '*', ['a/x', 'ab/x', 'b%2Fa/x']],
    [{ project: 'c', target: 'x/x' }, '*', ['c/x%2Fx']],
    [{}, ['a', 'b/a'], ['a/x', 'a/y', 'b%2Fa/x']],
    [{ target: 'x' }, ['a', 'c'], ['a/x']],
    [{ project: 'a' }, ['a', 'c'], ['a/x', 'a/y']],
    [{ project: 'a', target: 'y' }, ['a', 'c'], ['a/y']],
    [{ project: 'ab' }, ['a', 'c'], []],
    [{ project: 'ab', target: 'x' }, ['a', 'c'], []],
    [{}, [], []],
    [{ type: ['TargetDeleted'] }, '*', []],
  ])('%j within %j', (query, reach, expected) => expect(seen(query, reach)).toEqual(expected));

  it('is nothing where no project is left', () => {
    expect(isNothing(filterOf({ project: 'b' }, ['a']))).toBe(true);
    expect(isNothing(filterOf({ project: 'b', target: 't' }, ['a']))).toBe(true);
    expect(isNothing(filterOf({ target: 't' }, []))).toBe(true);
    expect(isNothing(filterOf({ project: 'a' }, ['a']))).toBe(false);
    expect(isNothing(filterOf({}, '*'))).toBe(false);
  });
});
