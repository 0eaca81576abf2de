import { mergeRefs, refOfPair, samePairs } from './commit-refs.js';
import type { Brought } from './commands.js';
import type { CommitRef, Content } from './deployment.js';
import { sameJson } from './json.js';

/**
 * What a deployment holds once it has taken over what a request brings. `previous` has each member that this changes,
 * as it was; undefined when nothing changes.
 */
export type Taken = Readonly<{ content: Content; previous?: Partial<Content> }>;

/** What a request does not mention stays; metadata is replaced whole; null clears link, description and time. */
export const takeOver = (stored: Content, request: Brought): Taken => {
  const content: Content = {
    version: request.version ?? stored.version,
    commitRefs: request.commitRefs ? mergeRefs(stored.commitRefs, request.commitRefs) : stored.commitRefs,
    externalLink: given(stored.externalLink, request.externalLink),
    description: given(stored.description, request.description),
    metadata: given(stored.metadata, request.metadata),
    scheduledFor: given(stored.scheduledFor, request.scheduledFor),
  };
  const previous = changedMembers(stored, content);
  return previous ? { content, previous } : { content: stored };
};

/** What a new deployment of this version holds of what the request brings. */
export const newContent = (version: string, request: Brought): Content => ({
  version,
  commitRefs: request.commitRefs ?? [],
  externalLink: request.externalLink ?? null,
  description: request.description ?? null,
  metadata: request.metadata ?? {},
  scheduledFor: request.scheduledFor ?? null,
});

/** Whether the deployment came to another branch: another set of pairs. */
export const isOtherBranch = (stored: Content, { content }: Taken): boolean =>
  content.commitRefs !== stored.commitRefs && !samePairs(content.commitRefs, stored.commitRefs);

/** Whether it is no longer what was approved: another version, pair or stored commit. */
export const isOtherSubstance = (stored: Content, taken: Taken): boolean =>
  taken.content.version !== stored.version ||
  isOtherBranch(stored, taken) ||
  taken.content.commitRefs.some((ref) => replacesCommit(ref, refOfPair(stored.commitRefs, ref)));

const replacesCommit = (ref: CommitRef, stored: CommitRef | undefined) =>
  stored?.commit !== undefined && ref.commit !== stored.commit;

/** The stored value itself when an equal one is given, so that a change of nothing is none. */
const given = <Value>(stored: Value, requested: Value | undefined): Value =>
  requested === undefined || sameJson(stored, requested) ? stored : requested;

const changedMembers = (before: Content, after: Content): Partial<Content> | undefined => {
  let changed: Record<string, unknown> | undefined;
  for (const member of contentMembers) if (after[member] !== before[member]) (changed ??= {})[member] = before[member];
  return changed;
};

const contentMembers = ['version', 'commitRefs', 'externalLink', 'description', 'metadata', 'scheduledFor'] as const;
