import { describe, expect, it } from '@jest/globals';

import { initialTarget, type Deployment, type Target } from '#domain';

import { parseState, stateJson } from './state-json.js';

/** Every member has a value of its own, so that no two can be mistaken for each other. */
const deployment = {
  number: 7,
  created: { version: 9, position: 11 },
  status: 'blocked',
  version: '1.0',
  commitRefs: [{ repository: 'web-shop', branch: 'main', commit: 'abc' }],
  externalLink: { label: 'CI', url: 'https://ci.example/1' },
  description: 'a description',
  metadata: { a: { b: [1, null] } },
  scheduledFor: 'scheduledFor',
  createdAt: 'createdAt',
  startedAt: 'startedAt',
  finishedAt: 'finishedAt',
  endedAt: 'endedAt',
  supersededBy: 13,
  rollbackOf: 15,
  violations: ['approval_required'],
  failureReason: 'a reason',
  actor: { id: 'ci', kind: 'service' },
  clockVersion: 17,
  dueVersion: 19,
  endedVersion: 21,
  approvals: [{ rule: 'a rule', actor: { id: 'somebody', kind: 'user' } }],
  approval: 'lacking',
} satisfies Deployment;

const target = {
  ...initialTarget('web-shop', 'production'),
  exists: true,
  version: 23,
  name: 'a name',
  description: 'another description',
  repositories: ['web-shop'],
  environmentType: 'production',
  externalUrl: 'https://shop.example',
  labels: { team: 'shop' },
  settings: {
    manualControls: false,
    hanging: { enabled: true, afterMinutes: 0.05 },
    failing: { enabled: false, afterMinutes: 3.5 },
    requireSchedule: true,
    approvals: [{ name: 'a rule', required: 2 }],
  },
  settingsVersion: 25,
  createdAt: 'target createdAt',
  lastNumber: 27,
  open: [deployment, { ...deployment, number: 28, created: { version: 29, position: null } }],
  current: { ...deployment, number: 30 },
  formerCurrent: { number: 31, version: '0.9', commitRefs: [] },
  timedOut: [{ number: 33, version: '0.8', commitRefs: [] }],
} satisfies Target;

describe('The JSON of a state', () => {
  it.each<Target>([
    target,
    { ...target, open: [], current: null, formerCurrent: null },
    { ...target, formerCurrent: undefined },
    initialTarget('web-shop', 'production'),
  ])('gives the state back', (state) => {
    expect(parseState(stateJson(state))).toStrictEqual(state);
  });

  it.each(['[0,[]]', '{"schema":1}', '{}', 'null', '[]'])('of another schema (%s) is not read', (json) => {
    expect(parseState(json)).toBeUndefined();
  });
});
