import { isOpen, type PublicCommandType, type Status } from '#domain';

export const results = ['SUCCESS', 'FAILURE', 'ABORT', 'MANUAL'] as const;
export type Result = (typeof results)[number];

/** What job systems write where their variables are sent as they are. */
const words: Readonly<Record<string, Result>> = {
  SUCCEEDED: 'SUCCESS',
  SUCCESSFUL: 'SUCCESS',
  FAILED: 'FAILURE',
  ERROR: 'FAILURE',
  ABORTED: 'ABORT',
  CANCELED: 'ABORT',
  CANCELLED: 'ABORT',
};

/** Undefined for what is no result. */
export function resultOf(text: string): Result | undefined {
  const word = text.toUpperCase();
  return results.find((each) => each === word) ?? words[word];
}

const moves: Readonly<Record<Result, (status: Status) => PublicCommandType | undefined>> = {
  SUCCESS: (status) =>
    isOpen(status) || status === 'failed' || status === 'canceled' ? 'FinishDeployment' : undefined,
  FAILURE: (status) => (isOpen(status) || status === 'current' ? 'FailDeployment' : undefined),
  ABORT: (status) => (isOpen(status) ? 'CancelDeployment' : undefined),
  MANUAL: () => undefined,
};

/** Undefined where nothing is left to do but to record the report. */
export const moveFor = (result: Result, status: Status): PublicCommandType | undefined => moves[result](status);
