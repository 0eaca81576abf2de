import type { CommandContext } from './commands.js';
import type { Deployment } from './deployment.js';
import { evolveDeployment, isAboutDeployment } from './evolve-deployment.js';
import type { DecidedEvent, DeploymentEventData, PlacedEvent, TargetEventData } from './events.js';
import { withDeployment } from './history.js';
import { sameJson } from './json.js';
import { isOpen, wasCurrent } from './status.js';
import { findDeployment, type Past, type Target } from './target.js';

type DeploymentEvent = Extract<PlacedEvent, { data: DeploymentEventData }>;

const TIMED_OUT_KEPT = 50;

/**
 * What an event makes of the target. The event must be the next of its stream. A state without history cannot take the
 * recovery of a deployment that it no longer holds (`lacks`): such a stream is folded with history, then stripped of it.
 */
export const evolve = (target: Target, event: PlacedEvent): Target => {
  if (event.version !== target.version + 1)
    throw new Error(
      `Event ${event.version} does not follow version ${target.version} of ${target.project}/${target.key}.`,
    );
  return isAboutDeployment(event) ? onDeploymentEvent(target, event) : onTargetEvent(target, event);
};

/** A decided event at its place in the stream, as `evolve` takes it before it is appended. */
export const place = (event: DecidedEvent, version: number, { actor, occurredAt }: CommandContext): PlacedEvent =>
  ({
    type: event.type,
    data: event.data,
    version,
    position: null,
    actor,
    occurredAt: event.occurredAt ?? occurredAt,
  }) as PlacedEvent;

/** Whether the event brings back a deployment that the state does not hold. */
export const lacks = (target: Target, event: PlacedEvent): boolean =>
  isAboutDeployment(event) && event.data.recoveredFrom !== undefined && !findDeployment(target, event.data.number);

// Here and in `place` each member is named: V8 gives every copy by `...` a shape of its own, and folds get ten times slower.

const onTargetEvent = (target: Target, event: Exclude<PlacedEvent, DeploymentEvent>): Target => {
  const data: TargetEventData = event.data;
  return {
    project: target.project,
    key: target.key,
    exists: event.type !== 'TargetDeleted',
    version: event.version,
    name: data.name,
    description: data.description,
    repositories: data.repositories,
    environmentType: data.environmentType,
    externalUrl: data.externalUrl,
    labels: data.labels,
    settings: data.settings,
    settingsVersion: sameJson(data.settings, target.settings) ? target.settingsVersion : event.version,
    createdAt: data.createdAt,
    lastNumber: target.lastNumber,
    open: target.open,
    current: target.current,
    formerCurrent: target.formerCurrent,
    timedOut: target.timedOut,
    history: target.history,
  };
};

const onDeploymentEvent = (target: Target, event: DeploymentEvent): Target => {
  const { number, from } = event.data;
  const before = from === null ? null : findDeployment(target, number);
  if (!before && lacks(target, event))
    throw new Error(
      `Deployment ${number} of ${target.project}/${target.key} recovers: fold the stream with its history.`,
    );
  const after = evolveDeployment(before, event);
  return {
    project: target.project,
    key: target.key,
    exists: target.exists,
    version: event.version,
    name: target.name,
    description: target.description,
    repositories: target.repositories,
    environmentType: target.environmentType,
    externalUrl: target.externalUrl,
    labels: target.labels,
    settings: target.settings,
    settingsVersion: target.settingsVersion,
    createdAt: target.createdAt,
    lastNumber: Math.max(target.lastNumber, number),
    open: openAfter(target.open, number, after),
    current: currentAfter(target.current, number, after),
    formerCurrent: formerAfter(target.formerCurrent, event),
    timedOut: timedOutAfter(target.timedOut, event),
    history: target.history && withDeployment(target.history, number, after),
  };
};

/** New deployments have the highest number, and none comes back to be open: so it stays in the order of numbers. */
const openAfter = (open: readonly Deployment[], number: number, after: Deployment | null) => {
  const index = open.findIndex((each) => each.number === number);
  if (after && isOpen(after.status)) return index < 0 ? [...open, after] : open.with(index, after);
  return index < 0 ? open : open.toSpliced(index, 1);
};

const currentAfter = (current: Deployment | null, number: number, after: Deployment | null) => {
  if (after?.status === 'current') return after;
  return current?.number === number ? null : current;
};

const formerAfter = (former: Target['formerCurrent'], { type, data }: DeploymentEvent): Target['formerCurrent'] => {
  if (data.from === 'current' && wasCurrent(data.status)) return toPast(data);
  if (former?.number !== data.number) return former;
  return type === 'DeploymentDeleted' ? undefined : toPast(data);
};

/** Failed by the rule of a time-out, whatever a report gives as its reason. */
const timedOutAfter = (timedOut: readonly Past[], { type, data }: DeploymentEvent): readonly Past[] => {
  if (type === 'DeploymentFailed' && data.rule === 'failing') return [...timedOut, toPast(data)].slice(-TIMED_OUT_KEPT);
  const index = timedOut.findIndex(({ number }) => number === data.number);
  if (index < 0) return timedOut;
  return type === 'DeploymentDeleted' || data.status !== 'failed'
    ? timedOut.toSpliced(index, 1)
    : timedOut.with(index, toPast(data));
};

const toPast = ({ number, version, commitRefs }: DeploymentEventData): Past => ({ number, version, commitRefs });
