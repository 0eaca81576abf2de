import {
  inFlightOf,
  nextOf,
  parseSubject,
  type Actor,
  type Deployment,
  type EventType,
  type Target,
  type Time,
} from '#domain';
import type { DeploymentEventData, RejectionCode, Status, TargetEventData, Violation } from '#domain';
import { eventIdOf, keyOfStream, type LoggedEvent } from './cloud-events.js';

/** Names of people by the opaque ids that stand for them in the log. */
export type People = ReadonlyMap<string, Readonly<{ id: string; name?: string }>>;

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

const nobody: People = new Map();

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

/** A target as api.md shows it, with what is current, in flight and next on it. */
export const presentTarget = (target: Target, people: People = nobody): PresentedTarget => {
  const { project, key, name, description, repositories, environmentType, externalUrl, labels, settings } = target;
  const present = (deployment: Deployment | null) => deployment && presentDeployment(project, key, deployment, people);
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
    current: present(target.current),
    inFlight: present(inFlightOf(target)),
    next: present(nextOf(target)),
  };
};

/** An event of the log as `GET /events`, streams and timelines show it. */
export const presentEvent = (storeId: string, event: LoggedEvent, people: People = nobody): PresentedEvent => {
  const { position, type, version, occurredAt, recordedAt, commandId } = event;
  const subject = parseSubject(keyOfStream(event.stream));
  if (!subject) throw new Error(`Event ${position} is of no target, but of ${event.stream}`);
  const data = JSON.parse(event.data) as TargetEventData | DeploymentEventData;
  const { actor } = JSON.parse(event.metadata) as { actor: Actor };
  return {
    position,
    id: eventIdOf(storeId, position),
    type: type as EventType,
    project: subject.project,
    target: subject.key,
    version,
    number: 'number' in data ? data.number : null,
    occurredAt,
    recordedAt,
    actor: presentActor(actor, people),
    commandId,
    data: data.claimedBy ? { ...data, claimedBy: people.get(data.claimedBy.id) ?? data.claimedBy } : data,
  };
};

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

/** The opaque ids in events of the log and in deployments, for which reads look up the names. */
export const peopleIn = (events: readonly LoggedEvent[], deployments: readonly Deployment[] = []): string[] => {
  const ids = new Set<string>();
  const note = ({ id, kind }: Actor) => kind === 'user' && ids.add(id);
  for (const { data, metadata } of events) {
    note((JSON.parse(metadata) as { actor: Actor }).actor);
    const { claimedBy } = JSON.parse(data) as TargetEventData | DeploymentEventData;
    if (claimedBy) ids.add(claimedBy.id);
  }
  for (const { actor } of deployments) note(actor);
  return [...ids];
};

const presentActor = ({ id, name, kind }: Actor, people: People): Actor => {
  const person = kind === 'user' ? people.get(id) : undefined;
  const shown = person?.name ?? name;
  return { id: person?.id ?? id, ...(shown === undefined ? {} : { name: shown }), kind };
};
