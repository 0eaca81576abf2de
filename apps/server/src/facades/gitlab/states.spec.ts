import { describe, expect, it } from '@jest/globals';
import { statuses, statusTable, type Metadata } from '#domain';
import { ofStatus, Problem, viewBehind } from '../../http/problem.js';
import { gitlab, projectOf } from './dialect.js';
import { recordedIn } from './recorded.js';
import { slugOf } from './slug.js';
import { moveFor, reportedStates, standingsOf, stateOf, states } from './states.js';

const tolds: Metadata[] = [{}, { gitlab: { told: 'failed' } }, { gitlab: { told: 'canceled' } }];
const every = statuses.flatMap((status) => tolds.map((metadata) => ({ status, metadata })));

describe('a state', () => {
  it('is asked of the view as it is shown', () => {
    for (const { status, metadata } of every) {
      const told = recordedIn(metadata).told;
      const isIn = (state: (typeof states)[number]): boolean =>
        standingsOf(state).some(
          ({ statuses: those, member }) =>
            those.includes(status) && (member === undefined || (told ?? member.byDefault) === member.is),
        );
      expect(states.filter(isIn)).toEqual([stateOf({ status, metadata })]);
    }
  });

  it.each(reportedStates)('%s comes about by a command that the domain allows, or not at all', (wanted) => {
    const ends = { StartDeployment: 'deploying', FinishDeployment: 'current', FailDeployment: 'failed' } as const;
    for (const { status, metadata } of every) {
      const move = moveFor(wanted, { status, metadata });
      if (!move) continue;
      const { type, told } = move;
      if (type === 'ChangeDeployment') {
        expect(stateOf({ status, metadata: { gitlab: { ...(told ? { told } : {}) } } })).toBe(wanted);
        continue;
      }
      const end = type === 'CancelDeployment' ? 'canceled' : ends[type as keyof typeof ends];
      expect(statusTable[status]).toContain(end);
      expect(stateOf({ status: end, metadata: told ? { gitlab: { told } } : {} })).toBe(wanted);
    }
  });

  it('never comes about twice, and a success that was replaced or taken down stays one', () => {
    for (const { status, metadata } of every)
      for (const wanted of reportedStates)
        if (stateOf({ status, metadata }) === wanted) expect(moveFor(wanted, { status, metadata })).toBeUndefined();
    for (const status of ['completed', 'rolled_back', 'retired'] as const)
      for (const wanted of reportedStates) expect(moveFor(wanted, { status, metadata: {} })).toBeUndefined();
  });
});

describe('the slug of an environment', () => {
  // The first four are those of GitLab's own documentation and tests; the others by its rule.
  it.each([
    ['production', 'production'],
    ['staging-1.0.1', /^staging-1-0-1-[0-9a-z]{6}$/],
    ['staging-12345678901234567', /^staging-123456789-[0-9a-z]{6}$/],
    ['1-foo', /^env-1-foo-[0-9a-z]{6}$/],
    ['foo+', /^foo-[0-9a-z]{6}$/],
    ['review/Feature--1', /^review-feature-1-[0-9a-z]{6}$/],
    ['foo--bar', /^foo-bar-[0-9a-z]{6}$/],
    ['ä', /^env-[0-9a-z]{6}$/],
  ])('of %s', (name, slug) => {
    expect(slugOf(name)).toEqual(typeof slug === 'string' ? slug : expect.stringMatching(slug));
    expect(slugOf(name).length).toBeLessThanOrEqual(24);
  });
});

describe('a project', () => {
  const named = async (number: number) => (number === 7 ? 'group/project' : undefined);
  it('is named by its path or its number, which nothing else is taken for', async () => {
    expect(projectOf('group/project', named)).toBe('group/project');
    expect(projectOf('v1', named)).toBe('v1');
    expect(await projectOf('7', named)).toBe('group/project');
    await expect(projectOf('8', named)).rejects.toThrow('project_not_found');
    for (const text of ['0', '007', '99999999999999999999', ' x', '..'])
      expect(() => projectOf(text, named)).toThrow('project_not_found');
  });
});

describe('a refusal in GitLab’s words', () => {
  const request = { headers: {}, routeOptions: { url: '/api/v4/projects/:pathOrId/deployments/:id' } } as never;
  it.each([
    [viewBehind(7), 503, { message: '503 Service Unavailable' }],
    [ofStatus(429), 429, { message: '429 Too Many Requests' }],
    [ofStatus(413), 413, { message: '413 Payload Too Large' }],
    [ofStatus(408), 408, { message: '408 Request Timeout' }],
    [ofStatus(404), 404, { error: '404 Not Found' }],
    [ofStatus(400), 400, { message: '400 Bad request - The request is malformed.' }],
    [
      new Problem('bad_request', 'No.', { errors: [{ field: '__proto__', message: 'is no member' }] }),
      400,
      { message: Object.fromEntries([['__proto__', ['is no member']]]) },
    ],
    [new Problem('target_not_found'), 404, { message: '404 Project Not Found' }],
    [new Problem('deployment_not_found'), 404, { message: '404 Deployment Not Found' }],
    [new Problem('forbidden'), 403, { message: '403 Forbidden' }],
    [new Problem('no_scheduled_deployment', 'Schedule it.'), 400, { message: { status: ['Schedule it.'] } }],
    [new Problem('idempotency_key_reused', 'It was.'), 400, { message: { status: ['It was.'] } }],
    [
      new Problem('bad_request', 'No.', {
        errors: [
          { field: 'target', message: 'is long' },
          { field: 'commitRefs[0].commit', message: 'is long' },
          { field: 'version', message: 'is long' },
          { field: 'commitRefs.0.branch', message: 'is long' },
        ],
      }),
      400,
      { message: { name: ['is long'], sha: ['is long'], ref: ['is long'] } },
    ],
  ])('is %s', (problem, status, body) => {
    expect(gitlab.refusal(problem, request)).toMatchObject({ status, body });
  });
});
