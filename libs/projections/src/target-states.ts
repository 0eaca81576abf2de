import { LRUCache } from 'lru-cache';

import { evolve, evolveDeployment, findDeployment, initialTarget, type Deployment, type Target } from '#domain';

import type { Clocks, LogEvent } from './log-events.js';
import { targetIn } from './streams.js';
import { readOnce, spelledOnce } from './texts.js';

/**
 * What an event makes of a target as a view keeps it, undefined before its first event. It is the same for every view: the one
 * that comes to an event first makes it, and the others share it, with the JSON that was made of it.
 */
export const evolveTarget = (target: Target | undefined, event: LogEvent, clocks?: Clocks): Target => {
  event.fold ??= { before: target, after: evolved(target ?? initialOf(event.stream), event), clocks };
  return event.fold.after;
};

const evolved = (before: Target, event: LogEvent): Target => {
  // Standing among the open ones it is found there, and leaves them, for it becomes current.
  const after = evolve(event.recovers ? { ...before, open: [...before.open, event.recovers] } : before, event);
  return after.timedOut.length === 0 ? after : { ...after, timedOut: [] };
};

/** Whether nothing is known of the target before the event. */
export const isFirst = ({ version }: LogEvent): boolean => version === 1;

const initialOf = (stream: string): Target => {
  const { project, key } = targetIn(stream);
  return initialTarget(project, key);
};

/** A deployment just before and just after an event, null where it is not there. */
type Turn = Readonly<{ before: Deployment | null; after: Deployment | null }>;

/** What an event makes of its deployment, where it was folded onto its target and that held it; what had ended before is not held. */
export const foldedDeployment = (event: LogEvent): Turn | undefined => {
  const { data, fold, recovers } = event;
  if (!fold || !('number' in data)) return undefined;
  const held = recovers ?? (fold.before ? findDeployment(fold.before, data.number) : null);
  const before = data.from === null ? null : held;
  if (before === null && data.from !== null) return undefined;
  return { before, after: findDeployment(fold.after, data.number) ?? evolveDeployment(before, event) };
};

/** A deployment as JSON. */
export const toBody = spelledOnce((deployment: Deployment) => JSON.stringify(deployment));

/** A target as JSON, but for what is current there: what only decisions look at would be a burden to every row. */
export const toState = spelledOnce((target: Target) => {
  const { project, key, exists, version, name, description, repositories, environmentType } = target;
  const { externalUrl, labels, settings, settingsVersion, createdAt, lastNumber, open } = target;
  const own = { project, key, exists, version, name, description, repositories, environmentType };
  const rest = { externalUrl, labels, settings, settingsVersion, createdAt, lastNumber };
  // The deployments are rows of other views as well, and spelled once for all of them.
  return `${JSON.stringify(own).slice(0, -1)},${JSON.stringify(rest).slice(1, -1)},"open":[${open.map(toBody).join()}],"formerCurrent":null,"timedOut":[]}`;
});

/** The target of such a state, with what is current there. */
export const toTarget = (state: string, current: Deployment | null): Target => ({
  ...(JSON.parse(state) as Omit<Target, 'current'>),
  current,
});

/** A deployment as it is stored: the same ones are asked for again and again, and most stay as they are. */
export const rereadDeployment = readOnce<Deployment>();

type Read = Readonly<{ state: string; current: string | null; target: Target }>;
/** Of the targets and deployments that are kept as they are stored. */
const MOST_CHARACTERS = 2 ** 20;
const lastRead = new LRUCache<string, Read>({
  maxSize: MOST_CHARACTERS,
  sizeCalculation: ({ state, current }) => state.length + (current?.length ?? 0),
});

/** As `readTarget`, where the same targets are asked for again and again: what is stored as it was is not parsed again. */
export const rereadTarget = (stream: string, state: string, current: string | null): Target => {
  const last = lastRead.get(stream);
  if (last?.state === state && last.current === current) return last.target;
  const target = readTarget(state, current);
  lastRead.set(stream, { state, current, target });
  return target;
};

/** The same of both as they are stored. */
export const readTarget = (state: string, current: string | null): Target =>
  toTarget(state, JSON.parse(current ?? 'null') as Deployment | null);
