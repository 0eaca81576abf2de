import {
  addMinutes,
  deadlinesOf,
  type Deadline,
  type Deployment,
  type Settings,
  type Target,
  type Time,
} from '#domain';
import { list, moment, name } from './words.js';

/** What a deployment waits for; `at` is null where that is no moment. */
export type Expectation = Readonly<{ kind: 'approvals' | Deadline['kind']; at: Time | null; says: string }>;

/** When the event of this version was recorded; undefined where it is not known. */
export type RecordedAt = (version: number) => Time | undefined;

/** What a deployment that is open waits for, by the settings in force. */
export const expectationsOf = (target: Target, deployment: Deployment, recordedAt: RecordedAt): Expectation[] => {
  const deadlines = deadlinesOf(target).filter(({ number }) => number === deployment.number);
  return [...lacking(target, deployment), ...deadlines.flatMap((each) => expected(each, deployment, recordedAt))];
};

const lacking = ({ settings }: Target, deployment: Deployment): Expectation[] => {
  if (deployment.status !== 'blocked') return [];
  const given = (rule: string) => deployment.approvals.filter((approval) => approval.rule === rule).length;
  const rules = settings.approvals
    .filter((rule) => given(rule.name) < rule.required)
    .map((rule) => `${rule.name} (${given(rule.name)} of ${rule.required} given)`);
  return [{ kind: 'approvals', at: null, says: `${name(deployment)} waits for approvals: ${list(rules)}.` }];
};

const expected = (deadline: Deadline, deployment: Deployment, recordedAt: RecordedAt): Expectation[] => {
  if (deadline.kind === 'due')
    return [{ kind: 'due', at: deadline.at, says: `${name(deployment)} will be due at ${moment(deadline.at)}.` }];
  const { kind, clockVersion, afterMinutes } = deadline;
  const clockSetAt = recordedAt(clockVersion);
  if (clockSetAt === undefined) return [];
  const at = addMinutes(clockSetAt, afterMinutes);
  const becomes = kind === 'hanging' ? 'will be hanging' : 'will fail by time-out';
  return [{ kind, at, says: `${name(deployment)} ${becomes} at ${moment(at)}, unless it ends before.` }];
};

/** The settings that bear on what is deployed, those that ask for nothing left out. */
export const saySettings = (settings: Settings): string[] => {
  const { approvals, requireSchedule, hanging, failing, manualControls } = settings;
  const rules = approvals.map((rule) => `${rule.name} (${rule.required})`);
  return [
    ...(rules.length > 0 ? [`A scheduled deployment is blocked until it has the approvals ${list(rules)}.`] : []),
    ...(requireSchedule ? ['Only what was scheduled before may start.'] : []),
    ...(hanging.enabled ? [`What is deploying for ${minutes(hanging.afterMinutes)} becomes hanging.`] : []),
    ...(failing.enabled ? [`What is in flight for ${minutes(failing.afterMinutes)} fails.`] : []),
    ...(manualControls
      ? []
      : ['Persons may not act on one given deployment, but approve and reject it: the manual controls are off.']),
  ];
};

const minutes = (count: number): string => `${count} minute${count === 1 ? '' : 's'}`;
