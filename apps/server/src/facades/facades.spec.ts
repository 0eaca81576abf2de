import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '#commands';
import { authorizationOf, queryOf } from './credentials.js';
import { dialectOf, dialects, routedAs } from './dialects.js';
import { environmentTypeOf } from './environment-type.js';
import { looksLikeJson, quoteLongIntegers, readForm } from './forms.js';
import { keeping, keptBy } from './kept.js';
import { linkHeader, pageOf, pagesAround } from './page-links.js';
import { RecentWrites } from './recent-writes.js';
import { stableNumber } from './stable-number.js';

const requestOf = (url: string, headers: Record<string, string> = {}, route?: string): FastifyRequest =>
  ({ raw: { url }, headers, is404: route === undefined, routeOptions: { url: route } }) as unknown as FastifyRequest;

describe('a dialect', () => {
  it.each<[string, string | undefined]>([
    ['/api/v3', 'github'],
    ['/api/v3/nothing?x=/api/v1', 'github'],
    ['/repos/o/r', 'github'],
    ['/api/http/projects/key:p/automation', 'space'],
    ['/repository', undefined],
    ['/deployment-events/', 'versioner'],
    ['/builds/7', 'versioner'],
    ['/deployment', undefined],
    ['/api/rest/plugins/webhook/connections/1/deployments', 'devlake'],
    ['/plugins/webhook', 'devlake'],
    ['/plugins/github', undefined],
    ['/api/v30', undefined],
    ['/api/v1/projects', undefined],
    ['/api/v1/repos', undefined],
    ['/health/live', undefined],
    ['/', undefined],
  ])('of %s is %s', (path, name) => {
    expect(dialectOf(requestOf(path))?.name).toBe(name);
  });

  it('is that of the route that was matched, however the path is written', () => {
    expect(dialectOf(requestOf('/%61pi/v3/user', {}, '/api/v3/user'))?.name).toBe('github');
    expect(dialectOf(requestOf('/user', {}, '/api/v1/projects'))).toBeUndefined();
  });

  it.each([
    ['/deployment-events/', '/deployment-events'],
    ['/deployments/?limit=1/', '/deployments?limit=1/'],
    ['/deployments//', '/deployments/'],
    ['/deployments', '/deployments'],
    ['/api/v3/user/', '/api/v3/user'],
    ['/api/v4/projects/1/deployments/?page=2', '/api/v4/projects/1/deployments?page=2'],
    ['/api/v1/projects/', '/api/v1/projects/'],
    ['/', '/'],
    ['/?x/', '/?x/'],
  ])('routes %s as %s', (url, routed) => {
    expect(routedAs(url)).toBe(routed);
  });

  it('shares no prefix with another, nor with our own routes', () => {
    const prefixes = dialects.flatMap((each) => each.prefixes);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    for (const prefix of prefixes) {
      expect(prefix).toMatch(/^(\/[\w.-]+)+$/);
      for (const other of [...prefixes, '/api/v1', '/health', '/metrics', '/docs', '/openapi.json', '/asyncapi.json'])
        expect([prefix, other, other !== prefix && `${other}/`.startsWith(`${prefix}/`)]).toEqual([
          prefix,
          other,
          false,
        ]);
    }
    expect(new Set(dialects.map(({ name }) => name)).size).toBe(dialects.length);
  });
});

describe('a credential', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;
  it.each<[Record<string, string>, string | undefined]>([
    [{ authorization: 'Bearer  a b' }, 'Bearer a b'],
    [{ authorization: 'TOKEN x' }, 'Bearer x'],
    [{ authorization: 'JWT x' }, 'Bearer x'],
    [{ authorization: basic('user:pass:word') }, 'Bearer pass:word'],
    [{ authorization: basic('x:') }, 'Bearer x'],
    [{ authorization: basic('x') }, 'Bearer x'],
    [{ authorization: basic(':') }, undefined],
    [{ authorization: 'Basic' }, undefined],
    [{ authorization: 'Digest x' }, undefined],
    [{ authorization: '', 'private-token': 'p' }, 'Bearer p'],
    [{ 'private-token': '', 'job-token': 'j' }, 'Bearer j'],
    [{ authorization: 'token a', 'private-token': 'p' }, 'Bearer a'],
    [{ authorization: basic('user:word'), 'private-token': 'p' }, 'Bearer p'],
    [{}, undefined],
  ])('of %j is %s', (headers, expected) => {
    expect(authorizationOf(requestOf('/api/v3/user', headers))).toBe(expected);
  });

  it('stands in no query of a dialect that has none there', () => {
    expect(authorizationOf(requestOf('/api/v3/user?private_token=x'))).toBeUndefined();
  });

  it('of our own routes is the header as it came', () => {
    expect(authorizationOf(requestOf('/api/v1/projects', { authorization: 'token x', 'private-token': 'y' }))).toBe(
      'token x',
    );
  });
});

describe('what a dialect reads and writes', () => {
  it('forms as objects of texts, and lists where there are several', () => {
    const form = Buffer.from('ref=main&tag=false&x=a+b%21&l%5B%5D=1&m=1&m=2&__proto__=p');
    expect(looksLikeJson(form)).toBe(false);
    expect(looksLikeJson(Buffer.from('\n {"a":1}'))).toBe(true);
    const read = readForm(form);
    expect(Object.entries(read)).toEqual([
      ['ref', 'main'],
      ['tag', 'false'],
      ['x', 'a b!'],
      ['l', ['1']],
      ['m', ['1', '2']],
      ['__proto__', 'p'],
    ]);
  });

  it('a form of one name as long as a body may be, at once', () => {
    const began = performance.now();
    expect(readForm(Buffer.from('a=1&'.repeat(65_536)))['a']).toHaveLength(65_536);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it.each([
    ['{"a":1}', '{"a":1}'],
    [
      '{"a":9223372036854775807,"b":[-9223372036854775808]}',
      '{"a":"9223372036854775807","b":["-9223372036854775808"]}',
    ],
    [
      '{"a":"9223372036854775807 \\" 9223372036854775807","ü":9223372036854775807}',
      '{"a":"9223372036854775807 \\" 9223372036854775807","ü":"9223372036854775807"}',
    ],
    [
      '[1.2345678901234567890,1234567890123456.5,1e1234567890123456,1E-1234567890123456]',
      '[1.2345678901234567890,1234567890123456.5,1e1234567890123456,1E-1234567890123456]',
    ],
    ['["9223372036854775807', '["9223372036854775807'],
  ])('of %s the long integers as texts', (text, expected) => {
    expect(quoteLongIntegers(Buffer.from(text)).toString()).toBe(expected);
  });

  it('long integers in time, whatever else there is', () => {
    const odd = Buffer.from(`1234567890123456"${'\\"'.repeat(120_000)}\\`);
    const began = performance.now();
    expect(quoteLongIntegers(odd).length).toBe(odd.length + 2);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('pages within their bounds', () => {
    const bounds = { byDefault: 30, max: 100 };
    const asked = (query: string) => pageOf(queryOf(requestOf(`/x?${query}`)), bounds);
    expect(asked('')).toEqual({ page: 1, perPage: 30 });
    expect(asked('page=3&per_page=50')).toEqual({ page: 3, perPage: 50 });
    expect(asked('page=-1&per_page=0')).toEqual({ page: 1, perPage: 30 });
    expect(asked('page=x&per_page=1000')).toEqual({ page: 1, perPage: 100 });
  });

  it('links to the pages that there are', () => {
    expect(pagesAround({ page: 2, perPage: 10, total: 35 })).toEqual({ prev: 1, next: 3, first: 1, last: 4 });
    expect(pagesAround({ page: 1, perPage: 10, total: 0 })).toEqual({
      prev: undefined,
      next: undefined,
      first: 1,
      last: 1,
    });
    expect(pagesAround({ page: 9, perPage: 10, total: 35 })).toMatchObject({ prev: 4, next: undefined });
    expect(linkHeader('https://h/x?a=%C3%BC', [['next', 2]])).toEqual({
      link: '<https://h/x?a=%C3%BC&page=2>; rel="next"',
    });
  });

  it('no more links than a client takes as headers', () => {
    const relsFor = (length: number): string[] => {
      const all = (['prev', 'next', 'first', 'last'] as const).map((rel, n) => [rel, n + 1] as const);
      const { link = '' } = linkHeader(`https://h/x?a=${'a'.repeat(length)}`, all);
      return [...link.matchAll(/rel="(\w+)"/g)].map(([, rel]) => rel!);
    };
    expect(relsFor(2_000)).toEqual(['prev', 'next', 'first', 'last']);
    expect(relsFor(5_000)).toEqual(['prev', 'next']);
    expect(relsFor(14_000)).toEqual([]);
  });

  it('metadata without losing what others keep there', () => {
    const kept = keeping({ team: 'shop', other: { a: 1 } }, { name: 'github' }, { task: 'x' });
    expect(kept).toEqual({ team: 'shop', other: { a: 1 }, github: { task: 'x' } });
    expect(keptBy(kept, { name: 'github' })).toEqual({ task: 'x' });
    expect(keptBy({ github: ['by hand'] }, { name: 'github' })).toEqual({});
  });

  it.each([
    ['production', 'production'],
    ['PROD-eu1', 'production'],
    ['live', 'production'],
    ['staging/7', 'staging'],
    ['pre-prod', 'staging'],
    ['qa2', 'testing'],
    ['integration_test', 'testing'],
    ['dév', 'development'],
    ['review/feature', 'development'],
    ['products', 'unmapped'],
    ['ios-store', 'unmapped'],
    ['', 'unmapped'],
  ])('%s as a target of type %s', (name, type) => {
    expect(environmentTypeOf(name)).toBe(type);
  });

  it('names as long as a body may be, at once', () => {
    const began = performance.now();
    expect(environmentTypeOf(`${'9'.repeat(200_000)}a`)).toBe('unmapped');
    expect(environmentTypeOf(`a${'\u0301'.repeat(65_000)}${'\u0316'.repeat(65_000)}`)).toBe('unmapped');
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('numbers for what has none, always the same and safe in every client', () => {
    expect(stableNumber('octocat/example')).toBe(stableNumber('octocat/example'));
    expect(stableNumber('a')).not.toBe(stableNumber('b'));
    for (const name of ['a', 'b', 'c']) expect(Number.isSafeInteger(stableNumber(name))).toBe(true);
  });

  it('where the log stood after what was written to a project, which never goes back', () => {
    const recent = new RecentWrites();
    expect(recent.of('p')).toBe(0);
    recent.note('p', 't', answerAt(7, 7));
    recent.note('p', 't', answerAt(5, 5));
    recent.note('q', 't', answerAt(9, 1));
    expect([recent.of('p'), recent.of('q')]).toEqual([7, 9]);
  });

  it('a deployment as it was left, until something else is written to its target', () => {
    const recent = new RecentWrites();
    const deployment = { created: { version: 2, position: 11 } };
    recent.note('p', 't', answerAt(11, 2, { deployment }));
    expect(recent.left('p', 11)).toMatchObject({ target: 't', version: 2, deployment });
    expect([
      recent.left('q', 11),
      recent.left('p', 12),
      recent.hasTarget('p', 't'),
      recent.hasTarget('p', 'u'),
    ]).toEqual([undefined, undefined, true, false]);
    recent.note('p', 't', answerAt(12, 3));
    expect(recent.left('p', 11)).toBeUndefined();
    recent.note('p', 't', answerAt(13, 4, { target: null }));
    expect(recent.hasTarget('p', 't')).toBe(false);
  });
});

it('the target as it was left, until something else is written to it', () => {
  const recent = new RecentWrites();
  const target = { exists: true, version: 2 };
  recent.note('p', 't', answerAt(11, 2, { target }));
  expect([recent.target('p', 't'), recent.target('p', 'u'), recent.last]).toEqual([target, undefined, 11]);
  recent.note('p', 't', answerAt(12, 3, { target: null }));
  expect(recent.target('p', 't')).toBeUndefined();
  recent.note('p', 't', answerAt(13, 5, { target: { exists: true, version: 4 } }));
  expect(recent.target('p', 't')).toBeUndefined();
});

const answerAt = (position: number, version: number, more: object = {}): Answer =>
  ({ outcome: { position, version }, target: { exists: true }, deployment: null, ...more }) as unknown as Answer;
