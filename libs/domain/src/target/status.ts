/** The statuses of domain.md. A deployment moves between them only as `statusTable` allows. */
export const statuses = [
  'blocked',
  'scheduled',
  'deploying',
  'hanging',
  'current',
  'completed',
  'rolled_back',
  'retired',
  'failed',
  'canceled',
] as const;
export type Status = (typeof statuses)[number];

/** What a deployment of each status may become; a move that is not here never happens, in any stream. */
export const statusTable: Readonly<Record<Status, readonly Status[]>> = {
  blocked: ['scheduled', 'canceled', 'current', 'failed'],
  scheduled: ['deploying', 'current', 'failed', 'canceled'],
  deploying: ['hanging', 'current', 'failed', 'canceled'],
  hanging: ['deploying', 'current', 'failed', 'canceled'],
  current: ['completed', 'rolled_back', 'retired', 'failed'],
  completed: [],
  rolled_back: [],
  retired: [],
  failed: ['current'],
  canceled: ['current'],
};

export const isWaiting = (status: Status): boolean => status === 'blocked' || status === 'scheduled';
export const isInFlight = (status: Status): boolean => status === 'deploying' || status === 'hanging';
export const isOpen = (status: Status): boolean => isWaiting(status) || isInFlight(status);
export const wasCurrent = (status: Status): boolean =>
  status === 'completed' || status === 'rolled_back' || status === 'retired';
/** Left current, failed or was given up. */
export const isEnded = (status: Status): boolean => wasCurrent(status) || status === 'failed' || status === 'canceled';
