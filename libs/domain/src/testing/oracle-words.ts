import type { CommitRef } from '../target/deployment.js';
import type { DeploymentEventData, TargetEventData } from '../target/events.js';
import type { Settings } from '../target/settings.js';

/** Only what the oracle reads of a request; `number` and `to` name a deployment. */
export type Request = {
  number?: number;
  to?: number;
  version?: string;
  commitRefs?: readonly CommitRef[];
  description?: string | null;
  scheduledFor?: string | null;
  externalLink?: object | null;
  metadata?: object;
  reason?: string;
  comment?: string;
  rule?: string;
  supersede?: boolean;
  settings?: Partial<Settings>;
  name?: string | null;
  labels?: object;
  now?: string;
};
export type Body = {
  version: string;
  refs: Record<string, string>;
  note: string | null;
  time: string | null;
  /** As JSON. */
  link: string;
  meta: string;
};
export type Dep = Body & {
  n: number;
  status: string;
  actor: string;
  /** Moments of what was sent, or `clock`. */
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  endedAt: string | null;
  failureReason: string | null;
  supersededBy: number | null;
  violations: string[];
  asked: boolean;
  unblocked: boolean;
  rollbackOf: number | null;
  given: string[];
  due: boolean;
  timedOutAt: number;
  leftAt: number;
};

/** What a target is called. */
export const NO_ABOUT = { name: null as string | null, labels: {} as object };
export const NO_SETTINGS = {
  manualControls: true,
  hanging: { enabled: false, afterMinutes: 30 },
  failing: { enabled: false, afterMinutes: 120 },
  requireSchedule: false,
  rules: [] as Rule[],
};
export type Rule = { name: string; required: number };
export const MAY: Record<string, string[]> = {
  deploying: ['scheduled', 'hanging'],
  current: ['blocked', 'scheduled', 'deploying', 'hanging', 'failed', 'canceled'],
  failed: ['blocked', 'scheduled', 'deploying', 'hanging', 'current'],
  canceled: ['blocked', 'scheduled', 'deploying', 'hanging'],
  retired: ['current'],
};
export const MEANS: Record<string, string> = {
  StartDeployment: 'deploying',
  FinishDeployment: 'current',
  FailDeployment: 'failed',
  CancelDeployment: 'canceled',
  RetireDeployment: 'retired',
};
export const EVENT: Record<string, string> = {
  deploying: 'DeploymentStarted',
  current: 'DeploymentFinished',
  failed: 'DeploymentFailed',
  canceled: 'DeploymentCanceled',
  retired: 'DeploymentRetired',
};

type Described = {
  n: number;
  from: string | null;
  status: string;
  version: string;
  refs: string;
  note: string | null;
  time: string | null;
  link: string;
  meta: string;
};

/** One event in one line, of what the oracle knows about it. */
export const describe = (type: string, it: Described, why: object): string => {
  const reasons = Object.entries(why).filter(([, value]) => value !== '' && value !== undefined && value !== null);
  const named = reasons.map(([name, value]) => `${name}=${String(value)}`).sort();
  return `${type} ${it.n} ${it.from}>${it.status} ${it.version} [${it.refs}] ${it.note} ${it.time} ${it.link} ${it.meta} ${named.join(' ')}`.trim();
};

/** The same line for an event as it was decided, or stands in the log. */
export const lineOf = (type: string, data: DeploymentEventData | TargetEventData): string => {
  if (!('number' in data)) return type;
  const { number: n, from, status, rollbackOf, supersededBy, violations, approvalsWithdrawn: withdrawn } = data;
  const { recoveredFrom, reason, comment, rule, previous } = data;
  const body = bodyOf(data);
  return describe(
    type,
    { n, from, status, ...body, refs: textOf(body.refs) },
    {
      rollbackOf: from === null ? rollbackOf : undefined,
      supersededBy: type === 'DeploymentSuperseded' ? supersededBy : undefined,
      violations: violations?.join(),
      ...{ recoveredFrom, reason, comment, rule, withdrawn },
      previous: previous && textOfBody(bodyOf(previous)),
    },
  );
};

/** The members that stand, by the oracle's names. */
const bodyOf = <Content extends Partial<DeploymentEventData>>(content: Content) => {
  const { version, commitRefs, description, scheduledFor, externalLink, metadata } = content;
  const refs = commitRefs && refsOf({ commitRefs });
  const link = externalLink === undefined ? undefined : JSON.stringify(externalLink);
  const meta = metadata && JSON.stringify(metadata);
  const body = { version, refs, note: description, time: scheduledFor, link, meta };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Body;
};

/** What of a deployment differs from what it will hold, as it was. */
export const previousOf = (dep: Body, body: Body): string =>
  textOfBody(
    Object.fromEntries(
      members.filter((member) => textOfMember(dep, member) !== textOfMember(body, member)).map((m) => [m, dep[m]]),
    ),
  );

const members = ['version', 'refs', 'note', 'time', 'link', 'meta'] as const;
const textOfMember = (body: Partial<Body>, member: keyof Body): string =>
  member === 'refs' ? textOf(body.refs ?? {}) : String(body[member]);
const textOfBody = (body: Partial<Body>): string =>
  members
    .filter((member) => body[member] !== undefined)
    .map((member) => `${member}:${textOfMember(body, member)}`)
    .join(';');

export const textOf = (refs: Record<string, string>): string =>
  Object.keys(refs)
    .sort()
    .map((pair) => `${pair}@${refs[pair]}`)
    .join();
export const pairOf = ({ repository, branch }: CommitRef): string =>
  `${repository}:${branch.startsWith('refs/heads/') ? branch.slice(11) : branch}`;

export const refsOf = ({ commitRefs = [] }: Request) =>
  Object.fromEntries(commitRefs.map((ref) => [pairOf(ref), ref.commit ?? '']));
export const keys = (refs: Record<string, string>) => Object.keys(refs).sort().join();
export const inFlight = ({ status }: Dep) => status === 'deploying' || status === 'hanging';
export const waiting = ({ status }: Dep) => status === 'blocked' || status === 'scheduled';
export const wasCurrent = ({ status }: Dep) => ['completed', 'rolled_back', 'retired'].includes(status);
export const lacksCommit = (refs: Record<string, string>) => Object.values(refs).includes('');
export const sameCommit = (dep: Dep, request: Request) =>
  Object.entries(refsOf(request)).every(([pair, commit]) => commit !== '' && dep.refs[pair] === commit);

export const onBranch = (dep: Dep, request: Request) => {
  const pairs = Object.keys(refsOf(request));
  if (pairs.length > 0) return pairs.every((pair) => pair in dep.refs);
  return request.version === undefined ? inFlight(dep) : dep.version === request.version;
};

export const take = (dep: Dep, request: Request): Body => {
  const asked = refsOf(request);
  const stays = Object.keys(asked).every((pair) => pair in dep.refs);
  const refs = { ...(stays ? dep.refs : asked) };
  for (const pair of Object.keys(refs)) refs[pair] = asked[pair] || dep.refs[pair] || '';
  return {
    version: request.version ?? dep.version,
    refs,
    note: request.description === undefined ? dep.note : request.description,
    time: request.scheduledFor === undefined ? dep.time : request.scheduledFor,
    link: request.externalLink === undefined ? dep.link : JSON.stringify(request.externalLink),
    meta: request.metadata === undefined ? dep.meta : JSON.stringify(request.metadata),
  };
};

export const differs = (dep: Body, body: Body) =>
  dep.version !== body.version ||
  keys(dep.refs) !== keys(body.refs) ||
  Object.entries(dep.refs).some(([pair, commit]) => commit !== '' && body.refs[pair] !== commit);
export const same = (dep: Body, body: Body) => previousOf(dep, body) === '';

export const renamed = (before: typeof NO_ABOUT, { name, labels }: Request) => ({
  name: name === undefined ? before.name : name,
  labels: labels ?? before.labels,
});
export const changed = (before: typeof NO_SETTINGS, settings: Partial<Settings> = {}) => ({
  manualControls: settings.manualControls ?? before.manualControls,
  hanging: settings.hanging ? { ...NO_SETTINGS.hanging, ...settings.hanging } : before.hanging,
  failing: settings.failing ? { ...NO_SETTINGS.failing, ...settings.failing } : before.failing,
  requireSchedule: settings.requireSchedule ?? before.requireSchedule,
  rules: settings.approvals ? [...settings.approvals] : before.rules,
});
