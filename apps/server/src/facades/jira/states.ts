import { isOpen, type PublicCommandType, type Status } from '#domain';

export const states = [
  'unknown',
  'pending',
  'in_progress',
  'cancelled',
  'failed',
  'rolled_back',
  'successful',
] as const;
export type State = (typeof states)[number];

/** What each status of ours is to Jira. */
const implied: Readonly<Record<Status, State>> = {
  blocked: 'pending',
  scheduled: 'pending',
  deploying: 'in_progress',
  hanging: 'in_progress',
  current: 'successful',
  completed: 'successful',
  rolled_back: 'rolled_back',
  retired: 'successful',
  failed: 'failed',
  canceled: 'cancelled',
};

/** A state that was reported, and the status that the deployment had, or got, by it. */
export type Report = Readonly<{ state: State; while: Status }>;

/** The state that Jira would show: the one that was reported last, unless something happened since. */
export const stateOf = (status: Status, report: Report | undefined): State =>
  report && holds(report, status) ? report.state : implied[status];

/** What was current and was replaced since is still what was reported of it. */
export const holds = ({ while: held }: Report, status: Status): boolean =>
  held === status || (held === 'current' && status === 'completed');

/** What makes of a deployment what is reported: `first` moves it where `type`, which records the report, does not. */
export type Move = Readonly<{ type: PublicCommandType; while: Status; first?: PublicCommandType }>;

const recorded = (status: Status): Move => ({ type: 'ChangeDeployment', while: status });

const moves: Readonly<Record<State, (status: Status) => Move | undefined>> = {
  unknown: recorded,
  pending: recorded,
  in_progress: (status) =>
    ['scheduled', 'hanging', 'blocked'].includes(status)
      ? { type: 'StartDeployment', while: 'deploying' }
      : recorded(status),
  successful: (status) => {
    if (isOpen(status) || status === 'failed' || status === 'canceled')
      return { type: 'FinishDeployment', while: 'current' };
    return status === 'rolled_back' || status === 'retired' ? undefined : recorded(status);
  },
  failed: (status) =>
    isOpen(status) || status === 'current' ? { type: 'FailDeployment', while: 'failed' } : recorded(status),
  cancelled: (status) => {
    if (isOpen(status)) return { ...recorded('canceled'), first: 'CancelDeployment' };
    return takenDown(status);
  },
  rolled_back: (status) => (isOpen(status) ? { type: 'FailDeployment', while: 'failed' } : takenDown(status)),
};

function takenDown(status: Status): Move {
  return status === 'current' ? { ...recorded('retired'), first: 'RetireDeployment' } : recorded(status);
}

/** Undefined where it cannot become that: what something else took the place of does not come back by a report. */
export const moveFor = (state: State, status: Status): Move | undefined => moves[state](status);
