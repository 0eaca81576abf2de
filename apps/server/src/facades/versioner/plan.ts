import { isOpen, isWaiting, plainBranch, wasCurrent, type CommitRef, type Status } from '#domain';
import { preflightFailed } from './preflight.js';
import type { Event } from './read-event.js';
import { recordedIn, tryIn } from './recorded.js';
import { isOver } from './statuses.js';
import type { Known, Standing } from '../target-standing.js';

/** What a report comes to: which deployment it is about, and what has to be said of that. */
export type Plan =
  | Readonly<{ does: 'repeat' | 'change'; known: Known }>
  | Readonly<{ does: 'start' | 'finish' | 'fail' | 'cancel'; known: Known }>
  | Readonly<{ does: 'create' }>
  /** It may not start: it lacks approvals, or another is on its way. */
  | Readonly<{ does: 'refuse'; known: Known }>
  | Readonly<{ does: 'refuseConcurrent'; by: Known; told: boolean }>;

/** How a report is taken, by what is known of the target: a repeat of one that was taken makes nothing new. */
export const planFor = (event: Event, standing: Standing): Plan => plans[event.status](candidatesOf(event, standing));

type Candidates = Readonly<{
  event: Event;
  standing: Standing;
  /** The open one of the version: of this run, or of one that need not be another. */
  open: Known | undefined;
  /** The last one of the version and the same try of the same run; of a report without a run, the last of the version. */
  last: Known | undefined;
}>;

function candidatesOf(event: Event, standing: Standing): Candidates {
  const ofVersion = standing.deployments.filter(({ version }) => version === event.version);
  const run = event.recorded.invoke_id;
  const isOwn = ({ metadata }: Known): boolean => run !== undefined && recordedIn(metadata).invoke_id === run;
  const begins = !isOver(event.status);
  // Two runs that begin the same version are two deployments. What has ended is reported by whatever came last, and what only waits
  // may be begun by another run: of a job that is tried again once it was approved.
  const isOther = ({ status, metadata }: Known): boolean => {
    const { invoke_id: other } = recordedIn(metadata);
    return begins && !isWaiting(status) && run !== undefined && other !== undefined && other !== run;
  };
  const opened = ofVersion.filter(({ status }) => isOpen(status));
  const isSameTry = (known: Known): boolean =>
    isOwn(known) && tryIn(recordedIn(known.metadata)) === tryIn(event.recorded);
  return {
    event,
    standing,
    open: opened.find(isOwn) ?? opened.find((known) => !isOther(known)),
    last: ofVersion.find(run === undefined ? () => true : isSameTry),
  };
}

const plans: Readonly<Record<Event['status'], (candidates: Candidates) => Plan>> = {
  pending: ({ event, open, last }) => {
    if (!open) return begunAgain(event, last) ?? { does: 'create' };
    return { does: isWaiting(open.status) ? 'change' : 'repeat', known: open };
  },
  started: ({ event, standing, open, last }) => {
    if (event.kind === 'build')
      return open ? { does: 'change', known: open } : (begunAgain(event, last) ?? { does: 'create' });
    if (open) return startOf(open);
    const repeated = begunAgain(event, last);
    if (repeated) return repeated;
    const by = standing.deployments.find(({ status }) => status === 'deploying');
    if (!by || event.skipsChecks) return { does: 'create' };
    return { does: 'refuseConcurrent', by, told: last !== undefined && wasRefused(last) };
  },
  completed: ({ event, open, last }) => {
    if (open) return { does: 'finish', known: open };
    if (!last) return { does: 'create' };
    if (last.status === 'current') return { does: 'repeat', known: last };
    if (last.status === 'canceled' || last.timedOut) return { does: 'finish', known: last };
    // What was replaced since is the same report once more only if it says so itself: else it was deployed again.
    const isSame = event.recorded.invoke_id !== undefined && event.endedAt === recordedIn(last.metadata).completed_at;
    return wasCurrent(last.status) && isSame ? { does: 'repeat', known: last } : { does: 'create' };
  },
  failed: ({ event, standing, open, last }) => {
    if (open) return { does: 'fail', known: open };
    if (!last || (event.recorded.invoke_id === undefined && isSettled(last, standing, 'failed')))
      return { does: 'create' };
    if (last.status === 'failed') return { does: 'repeat', known: last };
    return { does: last.status === 'current' ? 'fail' : 'change', known: last };
  },
  aborted: ({ event, standing, open, last }) => {
    if (open) return { does: 'cancel', known: open };
    if (!last || (event.recorded.invoke_id === undefined && isSettled(last, standing, 'canceled')))
      return { does: 'create' };
    return { does: last.status === 'canceled' ? 'repeat' : 'change', known: last };
  },
};

/** What a run made current it does not begin again: the report came twice, or late. */
const begunAgain = ({ recorded }: Event, last: Known | undefined): Plan | undefined =>
  recorded.invoke_id !== undefined && last?.status === 'current' ? { does: 'repeat', known: last } : undefined;

function startOf(known: Known): Plan {
  if (known.status === 'blocked') return { does: 'refuse', known };
  return { does: known.status === 'deploying' ? 'change' : 'start', known };
}

/** Whether a report without a run that says this is about another deployment than the last one of its version. */
const isSettled = (last: Known, { deployments }: Standing, status: Status): boolean => {
  const isRepeat = last.status === status && last === deployments[0];
  return !isRepeat && !wasRefused(last);
};

const wasRefused = (known: Known): boolean => preflightFailed(known) !== undefined;

/** Whether something open of another version would be taken for the one that is reported, as it is of the same branch. */
export const isMistakable = ({ version, commitRefs }: Event, { deployments }: Standing): boolean =>
  deployments.some(
    (known) =>
      isOpen(known.status) &&
      known.version !== version &&
      known.commitRefs.some((ref) => commitRefs.some((reported) => isSameBranch(ref, reported))),
  );

const isSameBranch = (a: CommitRef, b: CommitRef): boolean =>
  a.repository === b.repository && plainBranch(a.branch) === plainBranch(b.branch);
