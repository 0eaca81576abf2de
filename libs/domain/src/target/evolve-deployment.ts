import type { Deployment, Violation } from './deployment.js';
import type { DeploymentEventData, PlacedEvent } from './events.js';
import { isEnded, isInFlight, isWaiting } from './status.js';

type DeploymentEvent = Extract<PlacedEvent, { data: DeploymentEventData }>;

/**
 * What an event makes of a deployment, null before its first event and after its deletion. This is the one fold of a
 * deployment: for the state, for answers and for every view. An event about another one, or the target, changes nothing.
 */
export const evolveDeployment = (deployment: Deployment | null, event: PlacedEvent): Deployment | null => {
  if (!isAboutDeployment(event)) return deployment;
  if (deployment === null) return event.data.from === null ? moved(born(event), event) : null;
  if (deployment.number !== event.data.number) return deployment;
  return event.type === 'DeploymentDeleted' ? null : moved(deployment, event);
};

export const isAboutDeployment = (event: PlacedEvent): event is DeploymentEvent => 'number' in event.data;

const born = (event: DeploymentEvent): Deployment => ({
  number: event.data.number,
  created: { version: event.version, position: event.position },
  status: event.data.status,
  version: event.data.version,
  commitRefs: event.data.commitRefs,
  externalLink: event.data.externalLink,
  description: event.data.description,
  metadata: event.data.metadata,
  scheduledFor: null,
  createdAt: event.occurredAt,
  startedAt: null,
  finishedAt: null,
  endedAt: null,
  supersededBy: null,
  rollbackOf: null,
  violations: [],
  failureReason: null,
  actor: event.actor,
  clockVersion: null,
  dueVersion: null,
  endedVersion: null,
  approvals: [],
  approval: event.data.status === 'blocked' ? 'lacking' : 'not_asked',
});

const moved = (before: Deployment, event: DeploymentEvent): Deployment => {
  const { data, occurredAt } = event;
  const { status } = data;
  // Each member by name, not `...before`: V8 gives every such copy a shape of its own, and folds get ten times slower.
  return {
    number: before.number,
    created: before.created,
    status,
    version: data.version,
    commitRefs: data.commitRefs,
    externalLink: data.externalLink,
    description: data.description,
    metadata: data.metadata,
    scheduledFor: data.scheduledFor,
    createdAt: before.createdAt,
    startedAt: begins(data) ? occurredAt : before.startedAt,
    finishedAt: succeeds(data) ? occurredAt : before.finishedAt,
    endedAt: untilRecovered(data, occurredAt, before.endedAt),
    supersededBy: data.supersededBy ?? before.supersededBy,
    rollbackOf: data.rollbackOf ?? before.rollbackOf,
    violations: united(before.violations, data.violations),
    failureReason: status === 'failed' ? untilRecovered(data, data.reason ?? null, before.failureReason) : null,
    actor: before.actor,
    clockVersion: clockVersionAfter(before, event),
    dueVersion: dueVersionAfter(before, event),
    endedVersion: untilRecovered(data, event.version, before.endedVersion),
    approvals: approvalsAfter(before, event),
    approval: event.type === 'DeploymentUnblocked' ? 'given' : before.approval,
  };
};

/** It entered deploying, from another status but hanging. */
const begins = ({ from, status }: DeploymentEventData) =>
  status === 'deploying' && from !== 'deploying' && from !== 'hanging';

const succeeds = ({ from, status }: DeploymentEventData) => status === 'current' && from !== 'current';

/** What the event that ends a deployment says stays said until it recovers. */
const untilRecovered = <Value>({ from, status }: DeploymentEventData, said: Value, before: Value): Value | null => {
  if (!isEnded(status)) return null;
  return from === status ? before : said;
};

const united = (before: readonly Violation[], added: readonly Violation[] = []) =>
  added.every((violation) => before.includes(violation)) ? before : [...new Set([...before, ...added])];

/** Both clocks start when it enters deploying, from hanging too; what is only replaced or changed keeps them. */
const clockVersionAfter = (before: Deployment, { version, data }: DeploymentEvent) => {
  if (!isInFlight(data.status)) return null;
  return data.status === 'deploying' && data.from !== 'deploying' ? version : before.clockVersion;
};

/** Each new time is due once. */
const dueVersionAfter = (before: Deployment, { type, version, data }: DeploymentEvent) => {
  if (type === 'DeploymentDue' || data.scheduledFor === null || !isWaiting(data.status)) return null;
  return data.scheduledFor === before.scheduledFor ? before.dueVersion : version;
};

const approvalsAfter = (before: Deployment, { type, actor, data }: DeploymentEvent) => {
  if (data.status !== 'blocked' || data.approvalsWithdrawn) return noApprovals;
  return type === 'DeploymentApproved' && data.rule !== undefined
    ? [...before.approvals, { rule: data.rule, actor }]
    : before.approvals;
};

const noApprovals: Deployment['approvals'] = [];
