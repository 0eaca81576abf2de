import type { CommitRef } from './deployment.js';

/** A branch as it is compared: `refs/heads/` is dropped, but never when it is shown. */
export const plainBranch = (branch: string): string =>
  branch.startsWith('refs/heads/') ? branch.slice('refs/heads/'.length) : branch;

export const samePair = (a: CommitRef, b: CommitRef): boolean =>
  a.repository === b.repository && plainBranch(a.branch) === plainBranch(b.branch);

/** The ref among these that has the pair of the given one. */
export const refOfPair = (refs: readonly CommitRef[], pair: CommitRef): CommitRef | undefined =>
  refs.find((ref) => samePair(ref, pair));

/** Whether every pair of `some` is among those of `refs`. */
export const containsPairs = (refs: readonly CommitRef[], some: readonly CommitRef[]): boolean =>
  some.every((pair) => refOfPair(refs, pair) !== undefined);

/** Whether both are one branch: the same set of pairs. */
export const samePairs = (a: readonly CommitRef[], b: readonly CommitRef[]): boolean =>
  containsPairs(a, b) && containsPairs(b, a);

/** Whether every one of the request's refs has a commit, and it equals the stored one. */
export const sameCommits = (stored: readonly CommitRef[], requested: readonly CommitRef[]): boolean =>
  requested.every((ref) => ref.commit !== undefined && refOfPair(stored, ref)?.commit === ref.commit);

/** The first ref that has no commit yet. */
export const refWithoutCommit = (refs: readonly CommitRef[]): CommitRef | undefined =>
  refs.find((ref) => ref.commit === undefined);

/** `web-shop:main`, for the sentences of refusals. */
export const nameRefs = (refs: readonly CommitRef[]): string =>
  refs.map(({ repository, branch }) => `${repository}:${branch}`).join(', ');

/**
 * The stored refs with what a request brings: when they contain its pairs they stay, spelled as stored, with its
 * commits; else its refs replace them. A ref without a commit keeps the one stored for its pair. The stored list
 * itself when nothing changes.
 */
export const mergeRefs = (stored: readonly CommitRef[], requested: readonly CommitRef[]): readonly CommitRef[] => {
  if (!containsPairs(stored, requested)) return requested.map((ref) => withCommitOf(ref, refOfPair(stored, ref)));
  if (requested.every((ref) => isCommitKept(stored, ref))) return stored;
  return stored.map((ref) => withNewCommit(ref, refOfPair(requested, ref)));
};

const withCommitOf = (ref: CommitRef, stored: CommitRef | undefined): CommitRef =>
  ref.commit === undefined && stored?.commit !== undefined ? { ...ref, commit: stored.commit } : ref;

const withNewCommit = (ref: CommitRef, requested: CommitRef | undefined): CommitRef =>
  requested?.commit === undefined || requested.commit === ref.commit ? ref : { ...ref, commit: requested.commit };

const isCommitKept = (stored: readonly CommitRef[], ref: CommitRef) =>
  ref.commit === undefined || refOfPair(stored, ref)?.commit === ref.commit;
