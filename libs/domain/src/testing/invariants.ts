/** An event of one stream, as the log holds it. */
export type AnyEvent = Readonly<{ type: string; version: number; data: unknown }>;

type Ref = { repository: string; branch: string };
type Data = {
  number: number;
  from: string | null;
  status: string;
  commitRefs: Ref[];
  supersededBy?: number;
  recoveredFrom?: string;
  violations?: string[];
  rule?: string;
  deadline?: string;
};
type Known = { status: string; branch: string };

/** domain.md's table of statuses, written out a second time: tests do not ask the code what is right. */
const MOVES: Record<string, string> = {
  blocked: 'scheduled canceled current failed',
  scheduled: 'deploying current failed canceled',
  deploying: 'hanging current failed canceled',
  hanging: 'deploying current failed canceled',
  current: 'completed rolled_back retired failed',
  failed: 'current',
  canceled: 'current',
};
/** The statuses that each event may lead to. */
const RESULTS: Record<string, string> = {
  DeploymentScheduled: 'scheduled',
  DeploymentBlocked: 'blocked',
  DeploymentApproved: 'blocked',
  DeploymentRejected: 'canceled',
  DeploymentUnblocked: 'scheduled',
  DeploymentDue: 'scheduled',
  DeploymentStarted: 'deploying',
  DeploymentReplaced: 'deploying',
  DeploymentHung: 'hanging',
  DeploymentFinished: 'current',
  DeploymentSuperseded: 'completed rolled_back',
  DeploymentRetired: 'retired',
  DeploymentFailed: 'failed',
  DeploymentCanceled: 'canceled',
};
const STAYS = ['DeploymentApproved', 'DeploymentDue', 'DeploymentReplaced', 'DeploymentChanged', 'DeploymentDeleted'];
const CREATES = [
  'DeploymentScheduled',
  'DeploymentBlocked',
  'DeploymentStarted',
  'DeploymentFinished',
  'DeploymentFailed',
];

/** Throws at the first event of a whole stream after which an invariant of domain.md does not hold. */
export const assertInvariants = (events: readonly AnyEvent[]): void => {
  const checker = createChecker();
  events.forEach((event, index) => checker(event, events[index + 1]));
};

const createChecker = () => {
  const known = new Map<number, Known>();
  let exists = false;
  let version = 0;
  let lastNumber = 0;

  return (event: AnyEvent, next: AnyEvent | undefined): void => {
    const check = (holds: boolean, invariant: string) => {
      if (!holds)
        throw new Error(`After event ${event.version} (${event.type}): ${invariant}: ${JSON.stringify(event.data)}`);
    };
    check(event.version === (version += 1), 'versions count 1, 2, 3');
    if (event.type.startsWith('Target')) {
      check(exists === (event.type !== 'TargetCreated'), 'a target is created once, then changed or deleted');
      exists = event.type !== 'TargetDeleted';
      check(exists || !statusesOf(known).some(isOpenOrCurrent), 'nothing is open or current on a deleted target');
      return;
    }
    const data = event.data as Data;
    check(exists, 'deployments are of a living target');
    const before = known.get(data.number);
    check(data.from === (before?.status ?? null), `it was ${before?.status ?? 'not there'} before`);
    if (before) check(isMove(event.type, before.status, data.status), 'only the moves of the table');
    else check(data.number === (lastNumber += 1) && CREATES.includes(event.type), 'numbers count 1, 2, 3');
    check((RESULTS[event.type] ?? data.status).split(' ').includes(data.status), 'an event leads to its status');

    if (event.type === 'DeploymentDeleted') known.delete(data.number);
    else known.set(data.number, { status: data.status, branch: branchOf(data.commitRefs) });
    checkCounts(known, check);
    checkWhy(event.type, data, next, check);
  };
};

type Check = (holds: boolean, invariant: string) => void;

const checkCounts = (known: Map<number, Known>, check: Check) => {
  const statuses = statusesOf(known);
  check(statuses.filter((status) => status === 'deploying').length <= 1, 'at most one is deploying');
  check(statuses.filter((status) => status === 'current').length <= 1, 'at most one is current');
  const waiting = [...known.values()].filter(({ status, branch }) => isWaiting(status) && branch !== '');
  check(new Set(waiting.map(({ branch }) => branch)).size === waiting.length, 'at most one waits per branch');
};

const checkWhy = (type: string, data: Data, next: AnyEvent | undefined, check: Check) => {
  const isTimeOut = data.deadline !== undefined;
  const isReport = !isTimeOut && (type === 'DeploymentFinished' || type === 'DeploymentFailed');
  check(!data.violations || (isReport && isSet(data.violations)), 'only reports pass gates by');
  check(!isTimeOut || data.rule === (type === 'DeploymentHung' ? 'hanging' : 'failing'), 'a time-out names its rule');
  check(type !== 'DeploymentHung' || isTimeOut, 'only time hangs a deployment');
  const recoveredFrom = type === 'DeploymentFinished' && isGivenUp(data.from) ? data.from : undefined;
  check(data.recoveredFrom === recoveredFrom, 'a recovery says what from');
  if (type === 'DeploymentSuperseded') checkSuccessor(data, next, check);
};

const checkSuccessor = ({ supersededBy }: Data, next: AnyEvent | undefined, check: Check) => {
  check(next?.type === 'DeploymentFinished', 'the former current one ends just before the next becomes current');
  check((next?.data as Data | undefined)?.number === supersededBy, 'supersededBy names the next current one');
};

const isGivenUp = (status: string | null) => status === 'failed' || status === 'canceled';
const isMove = (type: string, from: string, to: string) =>
  STAYS.includes(type) ? from === to : (MOVES[from] ?? '').split(' ').includes(to);

const statusesOf = (known: Map<number, Known>) => [...known.values()].map(({ status }) => status);
const isWaiting = (status: string) => status === 'blocked' || status === 'scheduled';
const isOpenOrCurrent = (status: string) => isWaiting(status) || ['deploying', 'hanging', 'current'].includes(status);
const isSet = (values: string[]) => values.length > 0 && new Set(values).size === values.length;

/** The set of pairs as one text; empty for a deployment without commit refs, which has no branch. */
const branchOf = (refs: Ref[]) =>
  [...new Set(refs.map(({ repository, branch }) => JSON.stringify([repository, branch.replace(/^refs\/heads\//, '')])))]
    .sort()
    .join();
