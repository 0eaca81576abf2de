import { describe, expect, it } from '@jest/globals';
import { statuses } from '#domain';
import { Problem } from '../../http/problem.js';
import { space } from './dialect.js';
import { asksFor, pick, readFields } from './fields.js';
import {
  fullNumberIdOf,
  projectOf,
  readDeploymentIdentifier,
  readGlobalTarget,
  readTarget,
  targetNumberOf,
} from './identifiers.js';
import { changeOfLinks, linksOf } from './links.js';
import { statusOf } from './states.js';

describe('an identifier', () => {
  it.each<[unknown, object | undefined]>([
    ['key:production', { by: 'key', text: 'production' }],
    ['id:web:production', { by: 'id', text: 'web:production' }],
    ['ID:x', { by: 'id', text: 'x' }],
    ['number:7', { by: 'number', text: '7' }],
    ['production', { text: 'production' }],
    ['release:eu', { text: 'release:eu' }],
    [
      { className: 'TargetIdentifier.Key', key: 'a' },
      { by: 'key', text: 'a' },
    ],
    [{ number: 7 }, { by: 'number', text: '7' }],
    ['', undefined],
    [null, undefined],
    [7, undefined],
    [['key:a'], undefined],
    [{}, undefined],
  ])('of a target: %j', (given, read) => {
    expect(readTarget(given)).toEqual(read);
  });

  it.each<[string, object]>([
    ['status:Deploying', { by: 'status', text: 'Deploying' }],
    ['Version:1.0:rc', { by: 'version', text: '1.0:rc' }],
    ['id:12', { by: 'id', text: '12' }],
    ['12', { text: '12' }],
    ['key:12', { text: 'key:12' }],
  ])('of a deployment: %s', (given, read) => {
    expect(readDeploymentIdentifier(given)).toEqual(read);
  });

  it('of a project is its key', () => {
    expect(['id:web', 'key:web', 'web', 'key:octocat/example', 'key:id:web'].map(projectOf)).toEqual([
      'web',
      'web',
      'web',
      'octocat/example',
      'id:web',
    ]);
  });

  it.each<[string, object | undefined]>([
    ['{project:key:P,target:key:T}', { project: 'P', target: { by: 'key', text: 'T' } }],
    ['{project:id:o/r, target:number:5}', { project: 'o/r', target: { by: 'number', text: '5' } }],
    ['{project:P,target:T}', { project: 'P', target: { text: 'T' } }],
    ['number:a-T-1-T-22', { project: 'a-T-1', target: { by: 'number', text: '22' } }],
    ['P-T-22', { project: 'P', target: { by: 'number', text: '22' } }],
    ['{project:key:P}', undefined],
    ['production', undefined],
  ])('of a target anywhere: %s', (given, read) => {
    expect(readGlobalTarget(given)).toEqual(read);
  });

  it('by number is the same for ever, fits 32 bits and leads back', () => {
    const number = targetNumberOf('web', 'production');
    expect(number).toBe(1_391_452_688);
    expect(targetNumberOf('web', 'staging')).not.toBe(number);
    expect(readGlobalTarget(fullNumberIdOf('web', 'production'))).toEqual({
      project: 'web',
      target: { by: 'number', text: String(number) },
    });
  });
});

describe('$fields', () => {
  const target = { className: 'T', key: 'k', name: 'n', links: [{ url: 'u', label: 'l' }] };
  const whole = { className: 'D', id: '1', version: 'v', target };
  it.each<[string | null, unknown]>([
    [null, whole],
    ['', whole],
    ['*', whole],
    ['id', { className: 'D', id: '1' }],
    ['id , version', { className: 'D', id: '1', version: 'v' }],
    ['target(key)', { className: 'D', target: { className: 'T', key: 'k' } }],
    ['*,target(key)', { ...whole, target: { className: 'T', key: 'k' } }],
    ['target(links(url))', { className: 'D', target: { className: 'T', links: [{ url: 'u' }] } }],
    [
      'target(key,links(url)),id',
      { className: 'D', id: '1', target: { className: 'T', key: 'k', links: [{ url: 'u' }] } },
    ],
    ['target()', { className: 'D', target }],
    ['nothing', { className: 'D' }],
    ['__proto__(x),constructor', { className: 'D' }],
    // Written otherwise, it is more that is answered, and not less.
    ['target(key', whole],
    ['id)', whole],
    ['('.repeat(1_000), whole],
  ])('%s picks', (text, picked) => {
    expect(pick(whole, readFields(text))).toEqual(picked);
  });

  it.each(['*', 'data(*)', '*,next,totalCount,data(*)'])(
    '%s narrows nothing, and is as if it were not there',
    (text) => {
      const isAll = text.startsWith('*');
      expect(readFields(text)).toEqual(isAll ? undefined : new Map([['data', null]]));
    },
  );

  it.each<[string | null, boolean]>([
    [null, true],
    ['data', true],
    ['data(*)', true],
    ['*', true],
    ['*,data(id)', false],
    ['data(id,target(key))', true],
    ['data(id,target)', true],
    ['next', false],
  ])('%s asks for the targets of a list: %s', (text, isAsked) => {
    expect(asksFor(readFields(text), 'data', 'target')).toBe(isAsked);
  });

  it('picks of each item of a list', () => {
    expect(pick([whole, { ...whole, id: '2' }], readFields('id'))).toEqual([
      { className: 'D', id: '1' },
      { className: 'D', id: '2' },
    ]);
  });
});

describe('a refusal', () => {
  it.each<[Problem, number, string, string]>([
    [
      new Problem('bad_request', 'x', { errors: [{ field: 'commitRefs[0].repository', message: 'must be text' }] }),
      400,
      'validation-error',
      'commitRefs[0].repositoryName must be text',
    ],
    [
      new Problem('bad_request', 'x', {
        errors: [{ field: 'settings.hanging.afterMinutes', message: 'must be a number' }],
      }),
      400,
      'validation-error',
      'hangTimeoutMinutes must be a number',
    ],
    [new Problem('unauthorized', 'Send a token.'), 401, 'authentication-required', 'Send a token.'],
    [new Problem('forbidden', 'No.'), 403, 'permission-denied', 'No.'],
    [new Problem('target_not_found', 'None.'), 404, 'not-found', 'None.'],
    [new Problem('not_found'), 404, 'not-found', 'There is no such route.'],
    [new Problem('no_deployment_in_flight'), 404, 'not-found', ''],
    [new Problem('target_exists'), 409, 'duplicated-entity', ''],
    [new Problem('branch_is_waiting'), 409, 'duplicated-entity', ''],
    [new Problem('version_required'), 400, 'validation-error', ''],
    [new Problem('commit_required'), 400, 'validation-error', ''],
    [new Problem('approval_required'), 400, 'request-error', ''],
    [new Problem('not_allowed_from'), 400, 'request-error', ''],
    [new Problem('idempotency_key_reused'), 400, 'request-error', ''],
    [new Problem('too_large'), 413, 'payload-too-large', ''],
    [new Problem('unsupported_media_type'), 415, 'validation-error', ''],
    [new Problem('too_many_requests'), 429, 'rate-limited', ''],
    [new Problem('internal_error'), 500, 'internal-server-error', ''],
    [new Problem('unavailable'), 503, 'internal-server-error', ''],
  ])('%# is told with a code of Space', (problem, status, error, description) => {
    expect(space.refusal(problem, {} as never)).toEqual({
      status,
      body: { error, error_description: description || expect.stringMatching(/\w.*\.$/) },
    });
  });
});

describe('links of a target', () => {
  const round = (links: readonly object[]) => {
    const { externalUrl, labels } = changeOfLinks(links, { team: 'shop', 'link:old': 'https://old' });
    return { team: labels!['team'], links: linksOf({ externalUrl: externalUrl!, labels: labels! }) };
  };
  it.each([
    [[], []],
    [[{ url: 'https://a' }], [{ label: null, url: 'https://a', main: true }]],
    [
      [
        { url: 'https://a', label: 'first' },
        { url: 'https://b', label: 'second', main: true },
      ],
      [
        { label: 'first', url: 'https://a', main: false },
        { label: 'second', url: 'https://b', main: true },
      ],
    ],
    [
      [{ url: 'https://a' }, { url: 'https://b' }],
      [
        { label: null, url: 'https://a', main: true },
        { label: '2', url: 'https://b', main: false },
      ],
    ],
  ])('%j stay, and so do other labels', (given, shown) => {
    expect(round(given)).toEqual({
      team: 'shop',
      links: shown.map((link) => ({ className: 'DeployTargetLink', ...link })),
    });
  });

  it.each([['x'], [['x']], [[{ label: 'x' }]], [[{ url: 7 }]]])('%j are none', (given) => {
    expect(() => changeOfLinks(given, {})).toThrow('400');
  });
});

it('every status of ours is one of Space', () => {
  expect(Object.fromEntries(statuses.map((status) => [status, statusOf[status]]))).toEqual({
    blocked: 'SCHEDULED',
    scheduled: 'SCHEDULED',
    deploying: 'DEPLOYING',
    hanging: 'HANGING',
    current: 'CURRENT',
    completed: 'OBSOLETE',
    rolled_back: 'OBSOLETE',
    retired: 'OBSOLETE',
    failed: 'FAILED',
    canceled: 'FAILED',
  });
});
