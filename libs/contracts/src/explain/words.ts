import type {
  CommitRef,
  Content,
  DeploymentEventData,
  DeploymentEventType,
  EventType,
  TargetEventData,
  TargetEventType,
  Time,
  Violation,
} from '#domain';

/** What an event does not say by itself: who sent its command, and what it took the place of in the same append. */
export type Setting = Readonly<{ who: string; replaced?: Named }>;
export type Named = Pick<DeploymentEventData, 'version' | 'number' | 'status'>;

/** What happened, as a sentence: precise, in the past, with names and numbers. */
export const sayEvent = (type: EventType, data: TargetEventData | DeploymentEventData, setting: Setting): string => {
  const said =
    'number' in data
      ? deploymentWords[type as DeploymentEventType](data, setting)
      : targetWords[type as TargetEventType](data, setting);
  return `${said}.`;
};

type Words<Data> = (data: Data, setting: Setting) => string;

const targetWords: Readonly<Record<TargetEventType, Words<TargetEventData>>> = {
  TargetCreated: ({ key, version }, { who }) => `${who} created the target ${key}${version > 1 ? ' again' : ''}`,
  TargetChanged: ({ key }, { who }) => `${who} changed the target ${key}`,
  TargetDeleted: ({ key }, { who }) => `${who} deleted the target ${key}`,
};

const deploymentWords: Readonly<Record<DeploymentEventType, Words<DeploymentEventData>>> = {
  DeploymentScheduled: (data, { who }) => `${who} scheduled ${fresh(data)}${planned(data)}`,
  DeploymentBlocked: (data, { who }) =>
    `${who} scheduled ${fresh(data)}${planned(data)}, blocked until it has the approvals that the target asks for`,
  DeploymentApproved: (data, { who }) =>
    `${who} approved ${name(data)} for the rule ${data.rule}${quoted(data.comment)}`,
  DeploymentRejected: (data, { who }) => `${who} rejected ${name(data)}${quoted(data.comment)}, which canceled it`,
  DeploymentUnblocked: (data) => `${name(data)} lacked no approval any more and became scheduled`,
  DeploymentDue: (data) => `${name(data)} came to be due, as it was scheduled for ${moment(data.scheduledFor!)}`,
  DeploymentStarted: (data, { who }) => started(data, who),
  DeploymentReplaced: (data, { who }) =>
    `${who} started ${name(data)}${from(data.commitRefs)} in place of ${before(data)}, which was deploying`,
  DeploymentChanged: (data, { who }) =>
    `${who} changed ${name(data)}: ${list(changes(data.previous))}` +
    (data.approvalsWithdrawn ? ', which took the approvals given so far back' : ''),
  DeploymentHung: (data) =>
    `${name(data)} became hanging, as it had been deploying for longer than the target allows, which was until ${moment(data.deadline!)}`,
  DeploymentFinished: (data, { who, replaced }) =>
    `${who} finished ${createdHere(data)}${recovered(data)}${took(replaced)}${brought(data)}${passedBy(data.violations)}`,
  DeploymentSuperseded: (data) =>
    data.status === 'rolled_back'
      ? `${name(data)} was rolled back by #${data.supersededBy}`
      : `${name(data)} was completed, as #${data.supersededBy} took its place`,
  DeploymentRetired: (data, { who }) =>
    `${who} took ${name(data)} down${because(data.reason)}, with nothing in its place`,
  DeploymentFailed: (data, { who }) => failed(data, who),
  DeploymentCanceled: (data, { who }) => `${who} canceled ${name(data)}, which was ${data.from}${because(data.reason)}`,
  DeploymentDeleted: (data, { who }) => `${who} deleted ${name(data)}, which was ${data.status}`,
};

/** `1.4.0 (#42)` */
export const name = ({ version, number }: Omit<Named, 'status'>): string => `${version} (#${number})`;

/** A time as short as it can be said: without a fraction that is none. */
export const moment = (time: Time): string => time.replace(/\.?0+Z$/, 'Z');

/** `a, b and c` */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

const REFS_NAMED = 3;
const from = (refs: readonly CommitRef[]): string => {
  if (refs.length === 0) return '';
  const some = refs
    .slice(0, REFS_NAMED)
    .map(({ repository, branch, commit }) =>
      commit === undefined ? `${repository}:${branch}` : `${repository}:${branch}@${commit}`,
    );
  const more = refs.length - some.length;
  return ` from ${list(more > 0 ? [...some, `${more} more`] : some)}`;
};

const fresh = (data: DeploymentEventData): string => `${name(data)}${from(data.commitRefs)}`;
const createdHere = (data: DeploymentEventData): string => (data.from === null ? fresh(data) : name(data));

const planned = ({ scheduledFor }: DeploymentEventData): string =>
  scheduledFor === null ? '' : ` for ${moment(scheduledFor)}`;

const started = (data: DeploymentEventData, who: string): string => {
  if (data.from === null)
    return `${who} started ${fresh(data)}${data.rollbackOf === undefined ? '' : `, to roll back #${data.rollbackOf}`}`;
  if (data.from === 'hanging') return `${who} started ${name(data)} again, which was hanging${brought(data)}`;
  return `${who} started ${name(data)}, which was ${data.from}${brought(data)}`;
};

const failed = (data: DeploymentEventData, who: string): string => {
  if (data.rule !== undefined)
    return `${name(data)} failed by time-out, as it had been in flight for longer than the target allows, which was until ${moment(data.deadline!)}`;
  const stood = data.from === null || data.from === 'deploying' ? '' : `, which was ${data.from},`;
  return `${who} reported that ${createdHere(data)}${stood} failed${quoted(data.reason)}${brought(data)}${passedBy(data.violations)}`;
};

const recovered = ({ recoveredFrom }: DeploymentEventData): string =>
  recoveredFrom === undefined ? '' : `, which had ${recoveredFrom === 'failed' ? 'failed' : 'been canceled'} before`;

const took = (replaced: Named | undefined): string => {
  if (!replaced) return '';
  return `, which ${replaced.status === 'rolled_back' ? 'rolled back' : 'replaced'} ${name(replaced)}`;
};

const gates: Readonly<Record<Violation, string>> = {
  approval_required: 'without the approvals that the target asks for',
  no_scheduled_deployment: 'without having been scheduled, as the target asks for',
};

/** Which gates were passed by, as words that go on with a sentence. */
export const passedBy = (violations: readonly Violation[] = []): string =>
  violations.length === 0 ? '' : `, ${list(violations.map((violation) => gates[violation]))}`;

const reasons: Readonly<Record<string, string>> = {
  superseded: ', as another one was to come in its place',
  target_deleted: ', as the target was deleted',
};
const because = (reason: string | undefined): string =>
  reason === undefined ? '' : (reasons[reason] ?? quoted(reason));

const quoted = (text: string | undefined): string => (text === undefined || text === '' ? '' : ` (“${text}”)`);

const before = (data: DeploymentEventData): string => {
  const version = data.previous?.version ?? data.version;
  return `${version}${from(data.previous?.commitRefs ?? data.commitRefs)}`;
};

const brought = ({ previous }: DeploymentEventData): string =>
  previous === undefined ? '' : `, and changed ${list(changes(previous))}`;

const changes = (previous: Partial<Content> = {}): string[] =>
  (Object.keys(previous) as Array<keyof Content>).map((member) => memberWords[member](previous));

const memberWords: Readonly<Record<keyof Content, (previous: Partial<Content>) => string>> = {
  version: ({ version }) => `its version, which had been ${version}`,
  commitRefs: ({ commitRefs = [] }) =>
    `its commits, which had been ${from(commitRefs).slice(' from '.length) || 'none'}`,
  externalLink: () => 'its link',
  description: () => 'its description',
  metadata: () => 'its metadata',
  scheduledFor: ({ scheduledFor }) =>
    `when it is scheduled for, which had been ${scheduledFor ? moment(scheduledFor) : 'no certain time'}`,
};
