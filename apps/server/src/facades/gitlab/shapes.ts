import { streamOf, type Actor, type Deployment, type EnvironmentType, type Target } from '#domain';
import type { Seen } from '../facade-reads.js';
import { stableNumber } from '../stable-number.js';
import { slugOf } from './slug.js';
import { stateOf } from './states.js';

/** A moment as GitLab writes it, with milliseconds. */
export const momentOf = (time: string): string => `${time.slice(0, 23)}Z`;

/** Somebody, as GitLab describes users. `base` is where this client finds the service. */
export const userShape = (base: string, { id, name, kind }: Actor) => ({
  id: stableNumber(`${kind}:${id}`),
  username: id,
  public_email: '',
  name: name ?? id,
  state: 'active',
  locked: false,
  avatar_url: null,
  web_url: `${base}/${encodeURIComponent(id)}`,
});

export const projectShape = (base: string, project: string, id: number) => {
  const namespace = project.includes('/') ? project.slice(0, project.lastIndexOf('/')) : project;
  const name = project.slice(project.lastIndexOf('/') + 1);
  const web = `${base}/${project.split('/').map(encodeURIComponent).join('/')}`;
  const space = namespace.slice(namespace.lastIndexOf('/') + 1);
  return {
    id,
    description: null,
    name,
    name_with_namespace: project.split('/').join(' / '),
    path: name,
    path_with_namespace: project,
    default_branch: 'main',
    visibility: 'private',
    archived: false,
    avatar_url: null,
    web_url: web,
    http_url_to_repo: `${web}.git`,
    namespace: {
      id: stableNumber(`group:${namespace}`),
      name: space,
      path: space,
      kind: 'group',
      full_path: namespace,
    },
  };
};

export const environmentNumber = ({ project, key }: Pick<Target, 'project' | 'key'>): number =>
  stableNumber(streamOf(project, key));

/** When what is known of an environment last changed. */
const changedAt = ({ createdAt, current }: Target): string =>
  current?.finishedAt && current.finishedAt > createdAt ? current.finishedAt : createdAt;

type Basics = ReturnType<typeof basicsOf>;
const known = new WeakMap<Target, Basics>();

/** The environment of a deployment, made once of each target, for a list has many of few; of one that is gone by now only what its name says. */
export function environmentBasics(named: Pick<Target, 'project' | 'key'>, target: Target | undefined): Basics {
  if (!target) return basicsOf(named, target);
  const basics = known.get(target) ?? basicsOf(named, target);
  known.set(target, basics);
  return basics;
}

const basicsOf = ({ project, key }: Pick<Target, 'project' | 'key'>, target: Target | undefined) => ({
  id: environmentNumber({ project, key }),
  name: key,
  slug: slugOf(key),
  external_url: target?.externalUrl ?? null,
  created_at: target ? momentOf(target.createdAt) : null,
  updated_at: target ? momentOf(changedAt(target)) : null,
});

export const tiers = ['production', 'staging', 'testing', 'development', 'other'] as const;
export type Tier = (typeof tiers)[number];
export const typeOfTier = (tier: Tier): EnvironmentType => (tier === 'other' ? 'unmapped' : tier);
const tierOf = (type: EnvironmentType): Tier => (type === 'unmapped' ? 'other' : type);

export const environmentShape = (target: Target, isStopped: boolean) => ({
  ...environmentBasics(target, target),
  tier: tierOf(target.environmentType),
  state: isStopped ? 'stopped' : 'available',
  description: target.description,
  auto_stop_at: null,
});

/** Of a deployment that no client of GitLab made, what comes nearest. */
export const refOf = ({ commitRefs: [first], version }: Pick<Deployment, 'commitRefs' | 'version'>): string =>
  first?.branch ?? version;
export const shaOf = ({ commitRefs: [first] }: Pick<Deployment, 'commitRefs'>): string => first?.commit ?? '';

/** When it began, succeeded, failed or was given up, whichever came last: as the view sorts by it. */
const updatedAt = ({ status, createdAt, startedAt, finishedAt, endedAt }: Deployment): string => {
  const failedAt = status === 'failed' ? endedAt : null;
  const last = [finishedAt, failedAt]
    .filter((time) => time !== null)
    .toSorted()
    .at(-1);
  return last ?? endedAt ?? startedAt ?? createdAt;
};

/** Somebody's decision about a deployment that waited for it. */
export type GivenApproval = Readonly<{
  status: 'approved' | 'rejected';
  actor: Actor;
  at: string;
  comment: string;
  rule?: string;
}>;

export const approvalShape = (base: string, { status, actor, at, comment }: GivenApproval) => ({
  user: userShape(base, actor),
  status,
  created_at: momentOf(at),
  comment,
});

type Shown = Readonly<{ base: string; seen: Seen; target: Target | undefined; approvals: readonly GivenApproval[] }>;

export const deploymentShape = ({ base, seen: { shown, deployment }, target, approvals }: Shown) => {
  const { id, project, target: key, number, status, version } = shown;
  return {
    id,
    // Ids grow within a project as well.
    iid: id,
    ref: refOf(deployment),
    sha: shaOf(deployment),
    created_at: momentOf(shown.createdAt),
    updated_at: momentOf(updatedAt(deployment)),
    user: userShape(base, shown.actor),
    environment: environmentBasics({ project, key }, target),
    deployable: null,
    status: stateOf(deployment),
    pending_approval_count: pendingOf(deployment, target),
    approvals: approvals.map((each) => approvalShape(base, each)),
    // Beyond what GitLab says.
    shiplog: { project, target: key, number, status, version },
  };
};

function pendingOf({ status, approvals }: Deployment, target: Target | undefined): number {
  if (status !== 'blocked' || !target) return 0;
  const lacking = target.settings.approvals.map(({ name, required }) =>
    Math.max(0, required - approvals.filter(({ rule }) => rule === name).length),
  );
  return lacking.reduce((sum, each) => sum + each, 0);
}

/** With the rules that its environment asks to be met. */
export const extendedShape = (shown: Shown) => ({
  ...deploymentShape(shown),
  approval_summary: {
    rules: (shown.target?.settings.approvals ?? []).map(({ name, required }) => ({
      user_id: null,
      group_id: null,
      access_level: null,
      access_level_description: name,
      required_approvals: required,
      deployment_approvals: shown.approvals
        .filter(({ rule }) => rule === name)
        .map((each) => approvalShape(shown.base, each)),
    })),
  },
});
