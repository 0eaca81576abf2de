import { describe, expect, it } from '@jest/globals';
import { Problem, ofStatus, viewBehind } from '../../http/problem.js';
import { statuses, statusTable } from '#domain';
import { github } from './dialect.js';
import { reportedStates } from './recorded.js';
import { moveFor } from './states.js';

describe('the command for a reported state', () => {
  const becomes = { StartDeployment: 'deploying', FinishDeployment: 'current', FailDeployment: 'failed' } as Record<
    string,
    string
  >;
  const ends = { RetireDeployment: 'retired', CancelDeployment: 'canceled' } as Record<string, string>;

  it.each(statuses.flatMap((status) => reportedStates.map((state) => [state, status] as const)))(
    'of %s on one that is %s is one that the domain allows, or none',
    (state, status) => {
      const move = moveFor(state, status);
      // A report of success cannot bring back what was replaced or taken down; everything else can be recorded.
      if (!move) return expect([state, statusTable[status]]).toEqual(['success', []]);
      const end = move.after ? ends[move.after] : (becomes[move.type] ?? status);
      expect(move.while).toBe(end);
      const mayBecome = [status, ...statusTable[status]];
      // A blocked one is refused by the domain, which says why.
      if (status !== 'blocked') expect(mayBecome).toContain(move.while);
    },
  );
});

describe('a refusal in GitHub’s words', () => {
  const request = {
    headers: {},
    routeOptions: { url: '/api/v3/repos/:owner/:repo/deployments/:id/statuses' },
  } as never;
  it.each([
    [viewBehind(7), 503, 'Service Unavailable'],
    [ofStatus(429), 429, 'API rate limit exceeded for this token.'],
    [ofStatus(408), 408, 'Request Timeout'],
    [ofStatus(431), 431, 'Request Header Fields Too Large'],
    [new Problem('not_allowed_from', 'It is blocked.'), 422, 'Validation Failed'],
    [new Problem('idempotency_key_reused'), 422, 'Validation Failed'],
    [new Problem('manual_controls_disabled', 'They are off.'), 422, 'Validation Failed'],
    [new Problem('target_not_found'), 404, 'Not Found'],
  ])('is %s', (problem, status, message) => {
    const refusal = github.refusal(problem, request);
    expect(refusal).toMatchObject({ status, body: { message, status: String(status) } });
    if (status === 422)
      expect(refusal.body).toMatchObject({ errors: [{ resource: 'DeploymentStatus', message: problem.said }] });
  });
});
