import type { Status } from '#domain';

/** What Versioner calls the states of a deployment, and of a build. */
export const canonical = ['pending', 'started', 'completed', 'failed', 'aborted'] as const;
export type Reported = (typeof canonical)[number];

const aliases: Readonly<Record<Reported, readonly string[]>> = {
  pending: ['queued', 'scheduled'],
  started: ['in_progress', 'init', 'deploying', 'building'],
  completed: ['success', 'complete', 'finished', 'deployed', 'built'],
  failed: ['fail', 'failure', 'error'],
  aborted: ['abort', 'cancelled', 'canceled', 'cancel', 'skipped'],
};

const named = new Map(canonical.flatMap((each) => [each, ...aliases[each]].map((name) => [name, each] as const)));

/** All words for a status that are taken. */
export const statusNames: readonly string[] = [...named.keys()];

/** The state that a client means, in any case and with spaces around it; undefined for another word. */
export const reportedOf = (text: string): Reported | undefined => named.get(text.trim().toLowerCase());

/** What each status of ours is to Versioner. */
export const shownAs: Readonly<Record<Status, Reported>> = {
  blocked: 'pending',
  scheduled: 'pending',
  deploying: 'started',
  hanging: 'started',
  current: 'completed',
  completed: 'completed',
  rolled_back: 'completed',
  retired: 'completed',
  failed: 'failed',
  canceled: 'aborted',
};

/** Whether what was reported goes no further by itself. */
export const isOver = (status: Reported): boolean => status !== 'pending' && status !== 'started';
