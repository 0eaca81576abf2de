import { inFlightOf, nextOf, type Actor, type Deployment, type EventType, type Target, type Time } from '#domain';
import type { DeploymentEventData, RejectionCode, Status, TargetEventData, Violation } from '#domain';
import type { LoggedEvent } from './cloud-events.js';
import { eventText } from './event-text.js';
import { nobody, presentActor, type People } from './people.js';

export type PresentedDeployment = Readonly<{
  id: number;
  project: string;
  target: string;
  number: number;
  status: Status;
  version: string;
  commitRefs: Deployment['commitRefs'];
  externalLink: Deployment['externalLink'];
  description: string | null;
  metadata: Deployment['metadata'];
  scheduledFor: Time | null;
  createdAt: Time;
  startedAt: Time | null;
  finishedAt: Time | null;
  endedAt: Time | null;
  supersededBy: number | null;
  rollbackOf: number | null;
  violations: readonly Violation[];
  failureReason: string | null;
  actor: Actor;
}>;

export type PresentedTarget = Readonly<
  Omit<TargetEventData, 'claimedBy'> & {
    current: PresentedDeployment | null;
    inFlight: PresentedDeployment | null;
    next: PresentedDeployment | null;
  }
>;

export type PresentedEvent = Readonly<{
  position: number;
  id: string;
  type: EventType;
  project: string;
  target: string;
  version: number;
  number: number | null;
  occurredAt: Time;
  recordedAt: Time;
  actor: Actor;
  commandId: string;
  data: TargetEventData | DeploymentEventData;
}>;

/** An outcome as the waist keeps it. */
export type CommandOutcome = Readonly<{
  commandId: string;
  outcome: 'accepted' | 'rejected';
  code?: RejectionCode;
  detail?: string;
  /** The status that `not_allowed_from` names. */
  from?: string;
  position: number;
  version: number;
  events: ReadonlyArray<Readonly<{ type: string; version: number; position: number }>>;
}>;
export type PresentedOutcome = CommandOutcome;
export type PresentedAnswer = PresentedOutcome &
  Readonly<{ target: PresentedTarget | null; deployment: PresentedDeployment | null }>;
export type PresentedProject = Readonly<{ key: string; targets: number }>;

/** A deployment as api.md shows it, with people by the names that `people` has for them. Its position must be known. */
export const presentDeployment = (
  project: string,
  target: string,
  deployment: Deployment,
  people: People = nobody,
): PresentedDeployment => {
  const { created, number, status, version, commitRefs, externalLink, description, metadata, scheduledFor } =
    deployment;
  const { createdAt, startedAt, finishedAt, endedAt, supersededBy, rollbackOf, violations, failureReason } = deployment;
  if (created.position === null) throw new Error(`The position of deployment ${number} of ${target} is not filled in`);
  return {
    id: created.position,
    project,
    target,
    number,
    status,
    version,
    commitRefs,
    externalLink,
    description,
    metadata,
    scheduledFor,
    createdAt,
    startedAt,
    finishedAt,
    endedAt,
    supersededBy,
    rollbackOf,
    violations,
    failureReason,
    actor: presentActor(deployment.actor, people),
  };
};

/** A target as api.md shows it, without what is deployed on it. */
export const presentTargetAlone = (target: Target): Omit<PresentedTarget, 'current' | 'inFlight' | 'next'> => {
  const { project, key, name, description, repositories, environmentType, externalUrl, labels, settings } = target;
  return {
    project,
    key,
    name,
    description,
    repositories,
    environmentType,
    externalUrl,
    labels,
    settings,
    version: target.version,
    createdAt: target.createdAt,
  };
};

/** A target as api.md shows it, with what is current, in flight and next on it. */
export const presentTarget = (target: Target, people: People = nobody): PresentedTarget => {
  const { project, key } = target;
  const present = (deployment: Deployment | null) => deployment && presentDeployment(project, key, deployment, people);
  return {
    ...presentTargetAlone(target),
    current: present(target.current),
    inFlight: present(inFlightOf(target)),
    next: present(nextOf(target)),
  };
};

/** An event of the log as `GET /events`, streams and timelines show it: `eventText`, parsed. */
export const presentEvent = (storeId: string, event: LoggedEvent, people: People = nobody): PresentedEvent =>
  JSON.parse(eventText(storeId, event, people)) as PresentedEvent;

/** What a command id was answered, over Kafka and as `GET …/commands/{commandId}`. */
export const presentOutcome = (outcome: CommandOutcome): PresentedOutcome => {
  const { commandId, code, detail, from, position, version, events } = outcome;
  return {
    commandId,
    outcome: outcome.outcome,
    ...(code === undefined ? {} : { code }),
    ...(detail === undefined ? {} : { detail }),
    ...(from === undefined ? {} : { from }),
    position,
    version,
    events: events.map((event) => ({ type: event.type, version: event.version, position: event.position })),
  };
};

/** The answer to an accepted command: its outcome with the target and the deployment as they stood just after it. */
export const presentAnswer = (
  answer: Readonly<{ outcome: CommandOutcome; target: Target | null; deployment: Deployment | null }>,
  people: People = nobody,
): PresentedAnswer => {
  const { outcome, target, deployment } = answer;
  return {
    ...presentOutcome(outcome),
    target: target && presentTarget(target, people),
    deployment: target && deployment && presentDeployment(target.project, target.key, deployment, people),
  };
};

export const presentProject = ({ key, targets }: PresentedProject): PresentedProject => ({ key, targets });
