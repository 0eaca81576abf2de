import { nextOf, type CommitRef, type Deployment, type Target, type Time } from '#domain';
import { fullNumberIdOf, targetIdOf, targetNumberOf } from './identifiers.js';
import { linksOf } from './links.js';
import { statusOf } from './states.js';

/** A moment as Space writes it, in milliseconds. */
const millisOf = (time: Time): string => `${time.slice(0, 23)}Z`;
const millisOrNull = (time: Time | null): string | null => time && millisOf(time);

/** Nobody talks here: clients that insist on a channel get an empty one. */
const channelOf = (id: string, name: string) => ({
  className: 'M2ChannelRecord',
  id,
  contact: { defaultName: name, key: id, ext: null },
  totalMessages: 0,
  lastMessage: null,
  participants: [],
  channelArchived: false,
  archived: false,
  content: null,
  pinnedMessages: [],
});

/** What came with a deployment or a commit, which only git could count. */
const NOT_COUNTED = {
  commitsAdded: null,
  mergesAdded: null,
  issuesAdded: null,
  commitsReverted: null,
  mergesReverted: null,
  issuesReverted: null,
};

/**
 * What only git knows is null, and so is what came with each commit. Here and below members are named one by one, and spread at
 * the end alone: spread into the beginning of objects of so many, they would take a list most of its time.
 */
const commitRefShape = ({ repository, branch, commit }: CommitRef, isRollback: boolean) => ({
  className: 'DeploymentCommitRefDetails',
  repositoryName: repository,
  branch,
  commit: commit ?? '',
  timestamp: null,
  head: commit === undefined,
  missing: false,
  rollback: isRollback,
  initial: null,
  ...NOT_COUNTED,
});

const recordOf = (project: string, key: string, deployment: Deployment, target: object | 0) => {
  const { created, version, description, externalLink, rollbackOf } = deployment;
  const id = String(created.position);
  return {
    className: 'DeploymentRecord',
    id,
    version,
    status: statusOf[deployment.status],
    scheduledStart: millisOrNull(deployment.scheduledFor),
    startedAt: millisOrNull(deployment.startedAt),
    finishedAt: millisOrNull(deployment.finishedAt),
    createdAt: millisOf(deployment.createdAt),
    description,
    target,
    targetKey: key,
    syncStatus: 'SYNCED',
    commitRefs: deployment.commitRefs.map((ref) => commitRefShape(ref, rollbackOf !== null)),
    jobIds: null,
    externalLink: externalLink && {
      className: 'ExternalLink',
      label: externalLink.label ?? null,
      url: externalLink.url,
    },
    archived: false,
    channel: channelOf(`deployment:${project}:${id}`, version),
    ...NOT_COUNTED,
  };
};

/** What is named everywhere of a target. */
const briefOf = ({ project, key, name }: Target) => ({
  className: 'DeployTargetRecord',
  id: targetIdOf(project, key),
  projectId: project,
  name: name ?? key,
  key,
  number: targetNumberOf(project, key),
  fullNumberId: fullNumberIdOf(project, key),
});

const minutesOf = ({ enabled, afterMinutes }: Target['settings']['hanging']): number | null =>
  enabled ? Math.max(1, Math.round(afterMinutes)) : null;

/** A target with what is current on it, and what comes next. */
export const targetShape = (target: Target) => {
  const { project, key, settings, current } = target;
  const brief = briefOf(target);
  const embedded = (deployment: Deployment | null) => deployment && recordOf(project, key, deployment, brief);
  const channel = channelOf(`target:${brief.id}`, brief.name);
  return {
    className: brief.className,
    id: brief.id,
    projectId: brief.projectId,
    name: brief.name,
    key,
    number: brief.number,
    fullNumberId: brief.fullNumberId,
    description: target.description ?? '',
    createdAt: millisOf(target.createdAt),
    // Of these the log knows more than a list can ask it for: the audit log tells.
    lastUpdated: null,
    createdBy: null,
    lastDeployed: millisOrNull(current?.finishedAt ?? null),
    archived: false,
    channel,
    channelId: channel.id,
    connectedChannelId: null,
    manualControl: settings.manualControls,
    singleScheduled: null,
    hangTimeoutMinutes: minutesOf(settings.hanging),
    failTimeoutMinutes: minutesOf(settings.failing),
    links: linksOf(target),
    repositories: target.repositories.map((name) => ({
      className: 'DeployTargetRepositoryDTO',
      repositoryName: name,
      missing: false,
      repositoryId: null,
    })),
    users: [],
    teams: [],
    customFields: {},
    current: embedded(current),
    next: embedded(nextOf(target) ?? waitingIn(target)),
  };
};

/** Space knows no approvals: what waits for one is planned. */
export const waitingIn = ({ open }: Target): Deployment | null =>
  open.find(({ status }) => status === 'blocked') ?? null;

export const deploymentShape = ({ deployment, target }: Placed) =>
  recordOf(target.project, target.key, deployment, targetShape(target));

/** A record but for its target, for those who did not ask for that. */
export const deploymentAlone = (project: string, key: string, deployment: Deployment) =>
  recordOf(project, key, deployment, 0);

/** Where the target goes into the JSON of a record: unescaped it can stand nowhere before. */
const PLACE = '"target":0';

const spelled = new WeakMap<Target, string>();

/** A deployment and its target as it is. */
export type Placed = Readonly<{ deployment: Deployment; target: Target }>;

/** The JSON of a deployment with its target. The same few targets are named again and again: each is spelled once. */
export function deploymentText({ deployment, target }: Placed): string {
  const own = spelled.get(target) ?? JSON.stringify(targetShape(target));
  spelled.set(target, own);
  const text = JSON.stringify(recordOf(target.project, target.key, deployment, 0));
  return text.replace(PLACE, () => `"target":${own}`);
}

/** A project, as far as clients ask before they report anything. */
export const projectShape = (project: string) => ({
  className: 'PR_Project',
  id: project,
  key: { className: 'ProjectKey', key: project },
  name: project,
  private: true,
  description: null,
  icon: null,
  latestRepositoryActivity: null,
  createdAt: null,
  archived: false,
});
