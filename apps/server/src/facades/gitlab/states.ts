import type { Deployment, PublicCommandType, Status } from '#domain';
import type { Standing } from '#projections';
import { gitlab } from './dialect.js';
import { toldIn, type Told } from './recorded.js';

/** All that a deployment can be asked for by; `skipped` is what none here ever is. */
export const states = ['created', 'running', 'success', 'failed', 'canceled', 'skipped', 'blocked'] as const;
export type State = (typeof states)[number];

/** What a client can report. */
export const reportedStates = ['running', 'success', 'failed', 'canceled'] as const;
export type ReportedState = (typeof reportedStates)[number];

/** What each status of ours is to GitLab. */
const stateOfStatus: Readonly<Record<Status, State>> = {
  blocked: 'blocked',
  scheduled: 'created',
  deploying: 'running',
  hanging: 'running',
  current: 'success',
  completed: 'success',
  rolled_back: 'success',
  retired: 'success',
  failed: 'failed',
  canceled: 'canceled',
};

/** What ended without success ended as the client said last, though it was canceled here, or had failed. */
export function stateOf({ status, metadata }: Pick<Deployment, 'status' | 'metadata'>): State {
  const told = status === 'failed' || status === 'canceled' ? toldIn(metadata) : undefined;
  return told ?? stateOfStatus[status];
}

const statusesOf = (state: State): Status[] =>
  (Object.keys(stateOfStatus) as Status[]).filter((status) => stateOfStatus[status] === state);

/** Which deployments have this state: the same as `stateOf` says, asked of the view. */
export function standingsOf(state: State): readonly Standing[] {
  if (state !== 'failed' && state !== 'canceled') return [{ statuses: statusesOf(state) }];
  return (['failed', 'canceled'] as const).map((status) => ({
    statuses: [status],
    member: { path: [gitlab.name, 'told'], is: state, byDefault: status },
  }));
}

/** What GitLab calls the step to a state; its refusals name it. */
export const eventTo: Readonly<Record<ReportedState, string>> = {
  running: 'run',
  success: 'succeed',
  failed: 'drop',
  canceled: 'cancel',
};

/** The command that makes of a deployment what a client reports, and what is kept of what it told. */
export type Move = Readonly<{ type: PublicCommandType; told?: Told | undefined }>;

const isWaitingOrInFlight = (state: State): boolean => ['created', 'blocked', 'running'].includes(state);

/** Undefined where it cannot become that: what was replaced or taken down stays a success. */
export function moveFor(wanted: ReportedState, deployment: Pick<Deployment, 'status' | 'metadata'>): Move | undefined {
  const [state, { status }] = [stateOf(deployment), deployment];
  if (state === wanted) return undefined;
  if (wanted === 'running') return state === 'created' ? { type: 'StartDeployment' } : undefined;
  if (wanted === 'success') return { type: 'FinishDeployment' };
  // It has ended without success already: what is told of it is kept.
  if (status === 'failed' || status === 'canceled')
    return { type: 'ChangeDeployment', told: wanted === status ? undefined : wanted };
  if (isWaitingOrInFlight(state)) return { type: wanted === 'failed' ? 'FailDeployment' : 'CancelDeployment' };
  if (status !== 'current') return undefined;
  // Here what was current ends as failed; that it was called canceled is told.
  return { type: 'FailDeployment', told: wanted === 'canceled' ? wanted : undefined };
}
