import {
  isInFlight,
  isWaiting,
  nextOf,
  type Actor,
  type Deployment,
  type DeploymentEventData,
  type EventType,
  type Status,
  type Target,
  type TargetEventData,
  type Time,
} from '#domain';
import type { LoggedEvent } from '../cloud-events.js';
import { nobody, presentActor, type People } from '../people.js';
import { expectationsOf, saySettings, type Expectation, type RecordedAt } from './outlook.js';
import { list, moment, name, passedBy, sayEvent, type Named } from './words.js';

/** An event as it is told. */
export type Sentence = Readonly<{
  position: number;
  version: number;
  type: EventType;
  occurredAt: Time;
  recordedAt: Time;
  number: number | null;
  says: string;
}>;

/** A deployment, how it came to stand as it does, and what it waits for. `eventCount` is of all, however many are told. */
export type Told = Readonly<{
  number: number;
  version: string;
  status: Status;
  summary: string;
  expects: readonly Expectation[];
  eventCount: number;
  events: readonly Sentence[];
}>;

export type Explanation = Readonly<{
  project: string;
  target: string;
  version: number;
  summary: string;
  current: Told | null;
  stopped: Sentence | null;
  inFlight: readonly Told[];
  waiting: readonly Told[];
  omitted: number;
  settings: Readonly<{ set: Sentence | null; says: readonly string[] }>;
}>;

/**
 * What the log has about a target as it stands: for each deployment that is told (`toldOf`) the events that made it, with
 * what took the place of another; the event that set the settings; where nothing is current, the one that ended what was last.
 */
export type Evidence = Readonly<{
  events: ReadonlyMap<number, Readonly<{ events: readonly LoggedEvent[]; count: number }>>;
  settingsSet: LoggedEvent | undefined;
  stopped: LoggedEvent | undefined;
}>;

/** So many deployments in flight, and so many that wait, are told. */
const TOLD = 10;

/** The deployments that an explanation tells of: what is current, what is in flight, what waits, first what comes next. */
export const toldOf = (target: Target): Readonly<Record<'current' | 'inFlight' | 'waiting', readonly Deployment[]>> => {
  const newest = target.open.toReversed();
  const next = nextOf(target);
  const firstNext = (a: Deployment, b: Deployment) => Number(b === next) - Number(a === next);
  return {
    current: target.current ? [target.current] : [],
    inFlight: newest.filter(({ status }) => isInFlight(status)).slice(0, TOLD),
    waiting: target.open
      .filter(({ status }) => isWaiting(status))
      .toSorted(firstNext)
      .slice(0, TOLD),
  };
};

/** Why a target stands as it does, in plain words, with people by the names that `people` has for them. */
export const explain = (target: Target, evidence: Evidence, people: People = nobody): Explanation => {
  const { current, inFlight, waiting } = toldOf(target);
  const tell = (deployment: Deployment) => tellOf(target, deployment, evidence, people);
  return {
    project: target.project,
    target: target.key,
    version: target.version,
    summary: summaryOf(target),
    current: current.map(tell)[0] ?? null,
    stopped: evidence.stopped ? sentenceOf(evidence.stopped, [], people) : null,
    inFlight: inFlight.map(tell),
    waiting: waiting.map(tell),
    omitted: target.open.length - inFlight.length - waiting.length,
    settings: {
      set: evidence.settingsSet ? sentenceOf(evidence.settingsSet, [], people) : null,
      says: saySettings(target.settings),
    },
  };
};

const tellOf = (target: Target, deployment: Deployment, evidence: Evidence, people: People): Told => {
  const { events = [], count = 0 } = evidence.events.get(deployment.number) ?? {};
  const recordedAt: RecordedAt = (version) => events.find((event) => event.version === version)?.recordedAt;
  const { number, version, status } = deployment;
  return {
    number,
    version,
    status,
    summary: `${summaries[status](deployment)}.`,
    expects: expectationsOf(target, deployment, recordedAt),
    eventCount: count,
    events: events.map((event) => sentenceOf(event, events, people)),
  };
};

/** An event as it is told among those around it. */
export const sentenceOf = (event: LoggedEvent, around: readonly LoggedEvent[], people: People): Sentence => {
  const { position, version, type, occurredAt, recordedAt } = event;
  const data = dataOf(event);
  const setting = { who: whoOf(event, people), ...replacedBy(event, around) };
  return {
    position,
    version,
    type: type as EventType,
    occurredAt,
    recordedAt,
    number: 'number' in data ? data.number : null,
    says: sayEvent(type as EventType, data, setting),
  };
};

const dataOf = ({ data }: LoggedEvent) => JSON.parse(data) as TargetEventData | DeploymentEventData;

const whoOf = (event: LoggedEvent, people: People): string => {
  const { actor } = JSON.parse(event.metadata) as { actor: Actor };
  const { id, name: known } = presentActor(actor, people);
  const { claimedBy } = dataOf(event);
  if (!claimedBy) return known ?? id;
  const claimant = people.get(claimedBy.id) ?? claimedBy;
  return `${known ?? id} (for ${claimant.name ?? claimant.id})`;
};

/** The former current one ends in the event just before the one that takes its place. */
const replacedBy = ({ type, version }: LoggedEvent, around: readonly LoggedEvent[]): { replaced?: Named } => {
  const former = around.find((each) => each.version === version - 1 && each.type === 'DeploymentSuperseded');
  return type === 'DeploymentFinished' && former ? { replaced: dataOf(former) as DeploymentEventData } : {};
};

const since = (time: Time | null): string => (time === null ? '' : ` since ${moment(time)}`);

/** How each status is said, as words that another clause may follow. */
const summaries: Readonly<Record<Status, (deployment: Deployment) => string>> = {
  blocked: (each) => `${name(each)} is blocked${since(each.createdAt)}`,
  scheduled: (each) =>
    `${name(each)} is scheduled${each.scheduledFor === null ? '' : ` for ${moment(each.scheduledFor)}`}`,
  deploying: (each) => `${name(each)} is deploying${since(each.startedAt)}`,
  hanging: (each) => `${name(each)} is hanging, and was started at ${moment(each.startedAt!)}`,
  current: (each) =>
    `${name(each)} is current${since(each.finishedAt)}` +
    (each.rollbackOf === null ? '' : `, as a rollback of #${each.rollbackOf}`) +
    passedBy(each.violations),
  completed: (each) => `${name(each)} was current until #${each.supersededBy} took its place`,
  rolled_back: (each) => `${name(each)} was current until #${each.supersededBy} rolled it back`,
  retired: (each) => `${name(each)} was current until it was taken down`,
  failed: (each) => `${name(each)} failed`,
  canceled: (each) => `${name(each)} was canceled`,
};

const summaryOf = (target: Target): string => {
  const { current, open } = target;
  const inFlight = open.filter(({ status }) => isInFlight(status));
  const waiting = open.filter(({ status }) => isWaiting(status));
  const clauses = [
    current ? `${name(current)} runs on ${target.key}${since(current.finishedAt)}` : `nothing runs on ${target.key}`,
    ...(inFlight.length > 0 ? [sayInFlight(inFlight)] : []),
    ...(waiting.length > 0 ? [sayWaiting(target, waiting)] : []),
  ];
  return `${list(clauses)}.`;
};

const sayInFlight = (inFlight: readonly Deployment[]): string => {
  const of = (wanted: Status) => inFlight.filter(({ status }) => status === wanted);
  const hanging = of('hanging');
  const named =
    hanging.length > 3 ? [`${hanging.length} deployments hang`] : hanging.map((each) => `${name(each)} is hanging`);
  return list([...of('deploying').map((each) => `${name(each)} is deploying`), ...named]);
};

const sayWaiting = (target: Target, waiting: readonly Deployment[]): string => {
  const next = nextOf(target);
  if (waiting.length === 1) return `${name(waiting[0]!)} is ${waiting[0]!.status}`;
  return `${waiting.length} deployments wait${next ? `, ${name(next)} next` : ', all of them blocked'}`;
};
