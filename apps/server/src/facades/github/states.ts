import { isOpen, type Deployment, type PublicCommandType, type Status } from '#domain';
import { recordedIn, type ReportedState, type State } from './recorded.js';

/** A deployment as far as its state is concerned. */
export type Standing = Pick<Deployment, 'status' | 'metadata' | 'failureReason' | 'approval'>;

/** What each status of ours is to GitHub; null where it has no status yet. */
const states: Readonly<Record<Status, State>> = {
  blocked: 'waiting',
  scheduled: 'queued',
  deploying: 'in_progress',
  hanging: 'in_progress',
  current: 'success',
  completed: 'inactive',
  rolled_back: 'inactive',
  retired: 'inactive',
  failed: 'failure',
  canceled: 'inactive',
};

/** Whether another deployment took its place: then its state depends on what that one was to do with it. */
export const isReplaced = ({ status }: Pick<Deployment, 'status'>): boolean =>
  status === 'completed' || status === 'rolled_back';

/** The state that follows from what became of a deployment here, whatever clients reported; `stays`: it was left as it was when it was replaced. */
export function impliedState({ status, metadata, failureReason, approval }: Standing, stays: boolean): State | null {
  // A deployment that a client of GitHub made has no status until one is reported.
  if (status === 'scheduled' && 'github' in metadata && approval === 'not_asked') return null;
  if (status === 'failed' && failureReason === 'timeout') return 'error';
  if (stays && isReplaced({ status })) return 'success';
  return states[status];
}

/** The state that GitHub would show: the one that was reported last, unless something happened since. */
export function stateOf(standing: Standing, stays: boolean): State | null {
  const { status: report } = recordedIn(standing.metadata);
  return report && report.while === standing.status ? report.state : impliedState(standing, stays);
}

/** The command that makes of a deployment what a client reports; `while` is the status that it has then, and `after` what follows it. */
export type Move = Readonly<{ type: PublicCommandType; while: Status; after?: PublicCommandType }>;

const recorded = (status: Status): Move => ({ type: 'ChangeDeployment', while: status });

const moves: Readonly<Record<ReportedState, (status: Status) => Move | undefined>> = {
  queued: recorded,
  pending: recorded,
  in_progress: (status) =>
    ['scheduled', 'hanging', 'blocked'].includes(status)
      ? { type: 'StartDeployment', while: 'deploying' }
      : recorded(status),
  success: (status) => {
    if (status === 'current') return recorded(status);
    const succeeds = isOpen(status) || status === 'failed' || status === 'canceled';
    return succeeds ? { type: 'FinishDeployment', while: 'current' } : undefined;
  },
  failure: failing,
  error: failing,
  inactive: (status) => {
    if (status === 'current') return { type: 'ChangeDeployment', while: 'retired', after: 'RetireDeployment' };
    if (isOpen(status)) return { type: 'ChangeDeployment', while: 'canceled', after: 'CancelDeployment' };
    return recorded(status);
  },
};

function failing(status: Status): Move {
  return isOpen(status) || status === 'current' ? { type: 'FailDeployment', while: 'failed' } : recorded(status);
}

/** Undefined where it cannot become that: what has been replaced does not come back by a status. */
export const moveFor = (state: ReportedState, status: Status): Move | undefined => moves[state](status);
