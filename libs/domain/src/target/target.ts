import type { Time } from '../time.js';
import type { CommitRef, Deployment } from './deployment.js';
import type { EnvironmentType } from './events.js';
import { deploymentIn, noHistory, type History } from './history.js';
import { defaultSettings, type Settings } from './settings.js';

/** What decisions need of a deployment that has ended. */
export type Past = Readonly<{ number: number; version: string; commitRefs: readonly CommitRef[] }>;

/**
 * The decider's state: what decisions need, small however long the history is. It travels as JSON beside the stream,
 * without `history`, which holds every deployment not deleted and is there only where the fold began with it.
 */
export type Target = Readonly<{
  project: string;
  key: string;
  exists: boolean;
  /** Version of the stream, 0 before its first event. */
  version: number;
  name: string | null;
  description: string | null;
  repositories: readonly string[];
  environmentType: EnvironmentType;
  externalUrl: string | null;
  labels: Readonly<Record<string, string>>;
  settings: Settings;
  /** Version of the event that last changed the settings. */
  settingsVersion: number;
  createdAt: Time;
  lastNumber: number;
  /** Waiting and in flight, by number. */
  open: readonly Deployment[];
  current: Deployment | null;
  /** The one that stopped being current last; undefined when only the log knows (it was deleted since). */
  formerCurrent: Past | null | undefined;
  /** The 50 that failed by time-out last, oldest failure first. */
  timedOut: readonly Past[];
  history: History | undefined;
}>;

/** A target before its first event. With `history` the fold keeps every deployment, as decisions on old ones need. */
export const initialTarget = (project: string, key: string, options: { history?: boolean } = {}): Target => ({
  project,
  key,
  exists: false,
  version: 0,
  name: null,
  description: null,
  repositories: [],
  environmentType: 'unmapped',
  externalUrl: null,
  labels: {},
  settings: defaultSettings,
  settingsVersion: 0,
  createdAt: '',
  lastNumber: 0,
  open: [],
  current: null,
  formerCurrent: null,
  timedOut: [],
  history: options.history ? noHistory : undefined,
});

/** The state as it is kept: without the history that one decision needed. */
export const withoutHistory = (target: Target): Target => (target.history ? { ...target, history: undefined } : target);

/** The deployment of this number where the state holds it: open, current or in its history; else null. */
export const findDeployment = (target: Target, number: number): Deployment | null =>
  target.open.find((deployment) => deployment.number === number) ??
  (target.current?.number === number ? target.current : null) ??
  (target.history ? deploymentIn(target.history, number) : null);

/** The scheduled deployment with the earliest `scheduledFor`, else the oldest. */
export const nextOf = (target: Target): Deployment | null =>
  target.open
    .filter(({ status }) => status === 'scheduled')
    .reduce<Deployment | null>((next, each) => (next && !isBefore(each, next) ? next : each), null);

const isBefore = (a: Deployment, b: Deployment) =>
  a.scheduledFor !== null && (b.scheduledFor === null || a.scheduledFor < b.scheduledFor);

/** The deploying deployment, else the newest hanging one. */
export const inFlightOf = (target: Target): Deployment | null =>
  target.open.find(({ status }) => status === 'deploying') ??
  target.open.findLast(({ status }) => status === 'hanging') ??
  null;
