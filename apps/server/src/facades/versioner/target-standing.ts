import type { LastEvent } from '../last-events.js';
import { standingOf as standingIn, type Known as KnownTo, type Standing as StandingOf } from '../target-standing.js';
import { recordedIn, type Recorded } from './recorded.js';

/** A deployment as its last event left it, with what clients of Versioner reported of it. */
export type Known = KnownTo & Readonly<{ recorded: Recorded }>;
export type Standing = Omit<StandingOf, 'deployments'> & Readonly<{ deployments: readonly Known[] }>;

/** What the last events of a target say, newest first. */
export function standingOf(events: readonly LastEvent[]): Standing {
  const standing = standingIn(events);
  const deployments = standing.deployments.map((each) => ({ ...each, recorded: recordedIn(each.metadata) }));
  return { ...standing, deployments };
}
