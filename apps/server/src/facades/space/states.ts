import type { Status } from '#domain';

export type SpaceStatus = 'SCHEDULED' | 'DEPLOYING' | 'HANGING' | 'CURRENT' | 'OBSOLETE' | 'FAILED';

/** What each status of ours is in Space, which knows nothing of approvals, nor of what is given up or taken down. */
export const statusOf: Readonly<Record<Status, SpaceStatus>> = {
  blocked: 'SCHEDULED',
  scheduled: 'SCHEDULED',
  deploying: 'DEPLOYING',
  hanging: 'HANGING',
  current: 'CURRENT',
  completed: 'OBSOLETE',
  rolled_back: 'OBSOLETE',
  retired: 'OBSOLETE',
  failed: 'FAILED',
  canceled: 'FAILED',
};
