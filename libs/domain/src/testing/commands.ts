import type { CommandContext, CommandOf, CommandType, DataOf, TargetCommand } from '../target/commands.js';
import type { Actor, CommitRef } from '../target/deployment.js';
import type { Settings } from '../target/settings.js';
import type { Target } from '../target/target.js';
import type { Time } from '../time.js';
import type { Sent, Stream } from './sending.js';

export const PROJECT = 'web-shop';
export const TARGET = 'production';

export const ci: Actor = { id: 'ci', kind: 'service' };
export const person = (id: string): Actor => ({ id, kind: 'user' });
export const timekeeper: Actor = { id: 'timekeeper', kind: 'system' };

/** `main`, `main@abc1234` or `api:main@abc1234`: a commit ref, of repository `web-shop` unless said. */
export const ref = (text: string): CommitRef => {
  const [pair = '', commit] = text.split('@');
  const colon = pair.indexOf(':');
  const [repository, branch] = colon < 0 ? ['web-shop', pair] : [pair.slice(0, colon), pair.slice(colon + 1)];
  return commit === undefined ? { repository, branch } : { repository, branch, commit };
};
export const refs = (...texts: string[]): CommitRef[] => texts.map(ref);

/** Any command, sent to the target of the tests. */
export const command = <T extends CommandType>(type: T, data: DataOf<T>): Sent => ({
  command: { type, project: PROJECT, target: TARGET, data } as CommandOf<T> as TargetCommand,
});

export const create = (settings?: Partial<Settings>): Sent => command('CreateTarget', settings ? { settings } : {});
export const change = (settings: Partial<Settings>): Sent => command('ChangeTarget', { settings });
export const remove = (): Sent => command('DeleteTarget', {});
export const schedule = (data: DataOf<'ScheduleDeployment'>): Sent => command('ScheduleDeployment', data);
export const start = (data: DataOf<'StartDeployment'>): Sent => command('StartDeployment', data);
export const finish = (data: DataOf<'FinishDeployment'>): Sent => command('FinishDeployment', data);
export const fail = (data: DataOf<'FailDeployment'>): Sent => command('FailDeployment', data);
export const cancel = (data: DataOf<'CancelDeployment'>): Sent => command('CancelDeployment', data);
export const rollback = (data: DataOf<'RollbackDeployment'> = {}): Sent => command('RollbackDeployment', data);
export const retire = (number: number): Sent => command('RetireDeployment', { number });
export const changeDeployment = (data: DataOf<'ChangeDeployment'>): Sent => command('ChangeDeployment', data);
export const deleteDeployment = (number: number): Sent => command('DeleteDeployment', { number });
export const approve = (number: number, by: string, rule?: string): Sent =>
  sentBy(person(by), command('ApproveDeployment', rule === undefined ? { number } : { number, rule }));
export const reject = (number: number, comment?: string): Sent =>
  command('RejectDeployment', comment === undefined ? { number } : { number, comment });

export const sentBy = (actor: Actor, sent: Sent): Sent => altered(sent, { actor });
export const sentAt = (occurredAt: Time, sent: Sent): Sent => altered(sent, { occurredAt });
export const expecting = (expectedVersion: number, sent: Sent): Sent => altered(sent, { expectedVersion });

const altered = (sent: Sent, context: Partial<CommandContext>): Sent => ({
  ...sent,
  context: { ...sent.context, ...context },
});

/** The timekeeper saw this deployment's clock long ago, so that whatever time-out is enabled is due; or at another `now`. */
export const timeOut =
  (number: number, now: Time = '9999-01-01T00:00:00.000000Z') =>
  ({ target, events }: Stream): Sent => {
    const clockVersion = clockOf(target, number);
    const clockSetAt = events[clockVersion - 1]?.occurredAt ?? now;
    return sentBy(timekeeper, command('TimeOutDeployment', { number, clockVersion, clockSetAt, now }));
  };

/** The timekeeper saw that `scheduledFor` has come. */
export const due =
  (number: number, now: Time = '9999-01-01T00:00:00.000000Z') =>
  ({ target }: Stream): Sent => {
    const dueVersion = openOf(target, number)?.dueVersion ?? 0;
    return sentBy(timekeeper, command('DueDeployment', { number, dueVersion, now }));
  };

const openOf = (target: Target, number: number) => target.open.find((each) => each.number === number);
const clockOf = (target: Target, number: number) => openOf(target, number)?.clockVersion ?? 0;
