import { containsPairs, sameCommits } from './commit-refs.js';
import type { Brought } from './commands.js';
import type { Deployment } from './deployment.js';
import { isInFlight, isWaiting, type Status } from './status.js';
import type { Past, Target } from './target.js';

/** What a request says of the deployment that it means. */
export type Wanted = Pick<Brought, 'version' | 'commitRefs'>;

/** The open deployment of the request's branch in one of these statuses. */
export const openOfSameBranch = (
  target: Target,
  wanted: Wanted,
  isWanted: (status: Status) => boolean,
): Deployment | undefined =>
  bestOf(
    target.open.filter((each) => isWanted(each.status) && isOfSameBranch(each, wanted)),
    wanted,
  );

/** What finish, fail and cancel look for first: in flight and of the same branch; else waiting and of the same commit too. */
export const inFlightOrSameCommit = (target: Target, wanted: Wanted): Deployment | undefined =>
  openOfSameBranch(target, wanted, isInFlight) ??
  bestOf(
    target.open.filter(
      (each) =>
        isWaiting(each.status) && isOfSameBranch(each, wanted) && sameCommits(each.commitRefs, wanted.commitRefs ?? []),
    ),
    wanted,
  );

/** The newest of the request's branch and version among those that failed by time-out last. */
export const timedOutOfSameBranch = (target: Target, wanted: Wanted): Past | undefined =>
  target.timedOut
    .filter((each) => each.version === wanted.version && isOfSameBranch(each, wanted))
    .reduce<Past | undefined>((newest, each) => (newest && newest.number > each.number ? newest : each), undefined);

/** By commit refs every pair of the request is among the deployment's; else by version; else it is what is in flight. */
const isOfSameBranch = (deployment: Past & { status?: Status }, { version, commitRefs }: Wanted): boolean => {
  if (commitRefs && commitRefs.length > 0) return containsPairs(deployment.commitRefs, commitRefs);
  if (version !== undefined) return deployment.version === version;
  return deployment.status !== undefined && isInFlight(deployment.status);
};

/** Of several: the one with exactly the request's pairs, then the one in deploying, then the newest. */
const bestOf = (candidates: readonly Deployment[], { commitRefs }: Wanted): Deployment | undefined => {
  if (candidates.length < 2) return candidates[0];
  const exact = commitRefs?.length ? candidates.filter((each) => containsPairs(commitRefs, each.commitRefs)) : [];
  const best = exact.length > 0 ? exact : candidates;
  // Open deployments stand by number, so the last is the newest.
  return best.find(({ status }) => status === 'deploying') ?? best.at(-1);
};
