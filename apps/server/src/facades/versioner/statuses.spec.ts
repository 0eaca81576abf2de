import { describe, expect, it } from '@jest/globals';
import { statuses } from '#domain';
import { Problem, ofStatus, viewBehind } from '../../http/problem.js';
import { versioner } from './dialect.js';
import { canonical, reportedOf, shownAs, statusNames, type Reported } from './statuses.js';

describe('a status', () => {
  it.each<[Reported, string]>([
    ['pending', 'pending queued scheduled'],
    ['started', 'started in_progress init deploying building'],
    ['completed', 'completed success complete finished deployed built'],
    ['failed', 'failed fail failure error'],
    ['aborted', 'aborted abort cancelled canceled cancel skipped'],
  ])('%s goes by all of its names', (status, names) => {
    for (const name of names.split(' '))
      expect([name, reportedOf(name), reportedOf(` ${name.toUpperCase()}\n`)]).toEqual([name, status, status]);
  });

  it('by another name is none', () => {
    for (const name of ['', 'done', 'successful', 'toString']) expect(reportedOf(name)).toBeUndefined();
    expect(statusNames).toHaveLength(24);
  });

  it('of ours is one of theirs, and each of theirs is shown for some', () => {
    expect(new Set(statuses.map((status) => shownAs[status]))).toEqual(new Set(canonical));
  });
});

describe('a refusal in Versioner’s words', () => {
  const request = { headers: {}, routeOptions: { url: '/deployment-events' } } as never;
  it.each<[Problem, number, unknown]>([
    [viewBehind(7), 503, 'Service temporarily unavailable'],
    [ofStatus(429), 429, 'Rate limit exceeded.'],
    [
      new Problem('too_many_requests', undefined, { headers: { 'retry-after': '7' } }),
      429,
      'Rate limit exceeded. Try again in 7 seconds.',
    ],
    [ofStatus(408), 408, 'The request took too long to arrive'],
    [ofStatus(431), 431, 'The path and the headers are too large'],
    [new Problem('unauthorized'), 401, 'Invalid authentication credentials'],
    [new Problem('forbidden'), 403, 'You do not have permission to perform this action'],
    [new Problem('target_not_found'), 404, 'Not found'],
    [new Problem('internal_error'), 500, 'Internal server error'],
    [new Problem('version_conflict'), 503, 'Service temporarily unavailable'],
    [new Problem('manual_controls_disabled', 'They are off.'), 422, 'They are off.'],
    [new Problem('idempotency_key_reused', 'It is another’s.'), 422, 'It is another’s.'],
    [
      new Problem('approval_required', 'It lacks it.'),
      428,
      expect.objectContaining({ code: 'APPROVAL_REQUIRED', message: 'It lacks it.', error: 'deployment_blocked' }),
    ],
    [new Problem('deployment_in_flight', 'One is.'), 409, expect.objectContaining({ code: 'DEPLOYMENT_IN_PROGRESS' })],
  ])('of %s is %s', (problem, status, detail) => {
    expect(versioner.refusal(problem, request)).toMatchObject({
      status,
      body: { detail, message: expect.any(String), error: expect.any(String) },
    });
  });
});
