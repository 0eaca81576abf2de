import { findDeployment } from '#domain';
import { presentDeployment, presentEvent, presentOutcome, presentProject, presentTarget } from '../wire.js';
import { presentDifference } from '../difference.js';
import { presentToken } from '../token.js';
import { auditExamples } from './audit.js';
import { problemExample } from './problems.js';
import { reportExamples } from './reports.js';
import { answerOf, COMMAND_ID, loggedOf, PROJECT, STORE_ID, TARGET, tell } from './story.js';
import { standing } from './scenes.js';

const story = tell(standing);
const { target, events } = story;
const former = findDeployment(target, 1)!;
const finished = events.find(({ type }) => type === 'DeploymentFinished')!;

const token = {
  id: '0199f6a5-0c1d-7a41-b6f2-5d8e3c7a9b10',
  name: 'web-shop-pipeline',
  kind: 'service',
  scopes: ['deployments:write'],
  projects: [PROJECT],
  createdAt: '2026-11-20T10:00:00.000000Z',
  createdBy: { id: 'admin', kind: 'service' },
  expiresAt: '2027-11-20T10:00:00.000000Z',
  lastUsedAt: null,
} as const;

/** An example of each schema that an answer may have, by its name among the components. */
export const answerExamples: Readonly<Record<string, unknown>> = {
  Actor: { id: 'ci', kind: 'service' },
  Answer: answerOf(story),
  Deployment: presentDeployment(PROJECT, TARGET, target.current!),
  TargetDifference: presentDifference({
    project: PROJECT,
    target: TARGET,
    before: { deployment: former, since: former.finishedAt!, until: former.endedAt, seconds: 120 },
    after: { deployment: target.current!, since: target.current!.finishedAt!, until: null, seconds: 86_400 },
    actor: target.current!.actor,
    changes: 1,
  }),
  CreatedToken: { ...presentToken(token), token: 'shl_0123456789ABCDEFGHIJKLMNOPQRST1Yrdbz' },
  Event: presentEvent(STORE_ID, loggedOf(finished)),
  Outcome: presentOutcome({
    commandId: COMMAND_ID,
    outcome: 'rejected',
    code: 'no_open_deployment',
    detail: 'No deployment that waits or is in flight matches: there is nothing to cancel.',
    position: 4_712,
    version: 12,
    events: [],
  }),
  Health: { status: 'ready', reasons: [] },
  Problem: problemExample('target_not_found'),
  Project: presentProject({ key: PROJECT, targets: 3 }),
  Status: {
    position: 4_712,
    roles: ['api', 'projector', 'relay'],
    projections: [{ name: 'current', version: 1, position: 4_712, lag: 0, lagSeconds: 0, state: 'running' }],
    relays: [{ name: 'events', topic: 'shiplog.events', position: 4_710, lag: 2, lagSeconds: 0.021 }],
    sealer: { position: 4_700, lag: 12, lagSeconds: 3.2, signedAt: '2026-11-20T10:05:00.123456Z' },
    commands: { queued: 0, unanswered: 0 },
    loops: {},
  },
  Target: presentTarget(target),
  ...reportExamples,
  ...auditExamples,
  Token: presentToken({ ...token, lastUsedAt: '2026-11-20T10:07:00.000000Z' }),
};
