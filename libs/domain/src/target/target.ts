import type { Time } from '../time.js';
import type { CommitRef, Deployment } from './deployment.js';
import type { EnvironmentType } from './events.js';
import type { Settings } from './settings.js';

/** One that failed by time-out, as the lookups of `finish` and `fail` need it. */
export type TimedOut = Readonly<{ number: number; version: string; commitRefs: readonly CommitRef[] }>;

/**
 * The decider's state: what decisions need, small however long the history is. It travels as JSON beside the stream.
 * `history` holds every deployment not deleted, and only where the state was folded with it (`initialTarget({ history: true })`).
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
  /** Number of the one that stopped being current last; undefined when only the log knows (it was deleted since). */
  formerCurrent: number | null | undefined;
  /** The newest 50 that failed by time-out, oldest first. */
  timedOut: readonly TimedOut[];
  history?: ReadonlyMap<number, Deployment>;
}>;
