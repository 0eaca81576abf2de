import type { Time } from '../time.js';
import { isInFlight } from './status.js';
import type { Target } from './target.js';

/**
 * A moment that a deployment waits for. `hanging` and `failing` come `afterMinutes` after `recordedAt` of the event with
 * version `clockVersion`; `due` comes at `at`. `armedBy` is the version of the event that last set it, a change of settings included.
 */
export type Deadline =
  | Readonly<{
      kind: 'hanging' | 'failing';
      number: number;
      clockVersion: number;
      armedBy: number;
      afterMinutes: number;
    }>
  | Readonly<{ kind: 'due'; number: number; dueVersion: number; armedBy: number; at: Time }>;

/** Every deadline that the target waits for now, by number of the deployment. */
export const deadlinesOf = (target: Target): Deadline[] => {
  const { hanging, failing } = target.settings;
  const deadlines: Deadline[] = [];
  for (const { number, status, clockVersion, dueVersion, scheduledFor } of target.open) {
    if (isInFlight(status) && clockVersion !== null) {
      const clock = { number, clockVersion, armedBy: Math.max(clockVersion, target.settingsVersion) };
      if (hanging.enabled && status === 'deploying')
        deadlines.push({ kind: 'hanging', ...clock, afterMinutes: hanging.afterMinutes });
      if (failing.enabled) deadlines.push({ kind: 'failing', ...clock, afterMinutes: failing.afterMinutes });
    }
    if (status === 'scheduled' && dueVersion !== null && scheduledFor !== null)
      deadlines.push({ kind: 'due', number, dueVersion, armedBy: dueVersion, at: scheduledFor });
  }
  return deadlines;
};
