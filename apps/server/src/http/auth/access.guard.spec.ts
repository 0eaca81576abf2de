import { describe, expect, it } from '@jest/globals';
import type { Problem } from '../problem.js';
import { authorize } from './access.guard.js';
import type { Identity, Scope } from './identity.js';

const holding = (scopes: Scope[], projects: string[] | '*' = '*'): Identity => ({
  tokenId: 'ci',
  actor: { id: 'ci', kind: 'service' },
  scopes: new Set(scopes),
  projects: projects === '*' ? '*' : new Set(projects),
  endsAt: null,
});
const answer = (...[identity, scope, place]: Parameters<typeof authorize>): string => {
  try {
    authorize(identity, scope, place);
  } catch (error) {
    return `${(error as Problem).status} ${(error as Problem).code}`;
  }
  return 'allowed';
};

describe('what a sender may do', () => {
  it('admin may all', () => {
    expect(answer(holding(['admin']), 'targets:write', { project: 'a' })).toBe('allowed');
  });

  it('every scope includes reading', () => {
    expect(answer(holding(['targets:write']), 'deployments:read', { project: 'a', target: 'b' })).toBe('allowed');
  });

  it('one scope is not another', () => {
    expect(answer(holding(['deployments:read']), 'deployments:write', { project: 'a', target: 'b' })).toBe(
      '403 forbidden',
    );
  });

  it('a project outside the reach is not there, but creating a target in it is forbidden', () => {
    const identity = holding(['deployments:write', 'targets:write'], ['mine']);
    expect(answer(identity, 'deployments:read', { project: 'other' })).toBe('404 project_not_found');
    expect(answer(identity, 'deployments:write', { project: 'other', target: 'b' })).toBe('404 target_not_found');
    expect(answer(identity, 'targets:write', { project: 'other', target: 'b' })).toBe('404 target_not_found');
    expect(answer(identity, 'targets:write', { project: 'other' })).toBe('403 forbidden');
    expect(answer(identity, 'deployments:read', { project: 'other', target: 'b', commandId: 'x' })).toBe(
      '404 command_not_found',
    );
    expect(answer(identity, 'deployments:write', { project: 'mine', target: 'b' })).toBe('allowed');
  });
});
