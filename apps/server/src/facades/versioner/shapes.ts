import { plainBranch, type Actor, type ClaimedBy, type Deployment, type EnvironmentType, type Status } from '#domain';
import type { EnvironmentItem, Standing } from '#projections';
import { versioner } from './dialect.js';
import { uuidOfDeployment, uuidOfEnvironment, uuidOfProduct, uuidOfVersion } from './ids.js';
import { preflightFailed, preflightStatus } from './preflight.js';
import { recordedIn } from './recorded.js';
import { isOver, shownAs, type Reported } from './statuses.js';

/** A deployment or a build, where it is, and who is said to have made it. */
export type Tracked = Readonly<{
  project: string;
  target: string;
  deployment: Deployment;
  /** Whose token made it, with his name. */
  actor: Actor;
  claimedBy: ClaimedBy | undefined;
}>;

/** What was reported last, unless something happened since. */
export function statusOf({ status, metadata }: Pick<Deployment, 'status' | 'metadata'>): Reported {
  const recorded = recordedIn(metadata);
  return recorded.status !== undefined && recorded.while === status ? recorded.status : shownAs[status];
}

const completedAt = ({ finishedAt, endedAt }: Deployment, status: Reported): string | null => {
  if (status === 'completed') return finishedAt;
  return isOver(status) ? endedAt : null;
};

/** Of the commit what was reported here, else what other clients said; without a branch the ref has the version in its place. */
function commitOf({ version, commitRefs: [ref], metadata }: Deployment) {
  const { scm_sha, scm_branch, scm_repository } = recordedIn(metadata);
  const branch = ref && ref.branch !== version ? plainBranch(ref.branch) : null;
  return {
    scm_sha: scm_sha ?? ref?.commit ?? null,
    scm_branch: scm_branch ?? branch,
    scm_repository: scm_repository ?? ref?.repository ?? null,
  };
}

/**
 * Members of both deployments and builds, a new object for each, to which theirs are assigned: spread into a literal that goes on
 * behind it, so many take a list most of its time.
 */
const commonOf = ({ project, deployment }: Tracked) => {
  const { created, version, createdAt } = deployment;
  const { source_system = null, build_number = null, invoke_id = null } = recordedIn(deployment.metadata);
  const { scm_sha, scm_branch, scm_repository } = commitOf(deployment);
  return {
    id: uuidOfDeployment(created.position!),
    product_id: uuidOfProduct(project),
    product_name: project,
    version_id: uuidOfVersion(project, version),
    version,
    status: statusOf(deployment),
    source_system,
    build_number,
    scm_sha,
    scm_branch,
    scm_repository,
    invoke_id,
    created_at: createdAt,
  };
};

/** Who is said to have done it, else whose token it was. Addresses of people are not kept. */
const doerOf = ({ claimedBy, actor }: Tracked) => {
  const { id, name = null } = claimedBy ?? actor;
  return { id, name };
};

export const deploymentShape = (tracked: Tracked) => {
  const { target, deployment } = tracked;
  const { startedAt, finishedAt, createdAt, metadata, externalLink } = deployment;
  const { deploy_url = externalLink?.url ?? null, build_url = null, extra_metadata } = recordedIn(metadata);
  const common = commonOf(tracked);
  const by = doerOf(tracked);
  return Object.assign(common, {
    event_id: common.id,
    deployment_id: common.id,
    environment_id: uuidOfEnvironment(target),
    environment_name: target,
    event_type: `deployment.${preflightFailed(deployment) === undefined ? common.status : 'preflight_failed'}`,
    deploy_url,
    build_url,
    deployed_by: by.id,
    deployed_by_name: by.name,
    deployed_by_email: null,
    deployed_at: finishedAt ?? startedAt ?? createdAt,
    started_at: startedAt,
    completed_at: completedAt(deployment, common.status),
    extra_metadata: { ...extra_metadata, preflight_status: preflightStatus(deployment) },
  });
};

export const buildShape = (tracked: Tracked) => {
  const { deployment } = tracked;
  const { metadata, externalLink, createdAt } = deployment;
  const { build_url = externalLink?.url ?? null, started_at = createdAt, extra_metadata = {} } = recordedIn(metadata);
  const common = commonOf(tracked);
  const by = doerOf(tracked);
  return Object.assign(common, {
    event_id: common.id,
    build_id: common.id,
    event_type: `build.${common.status}`,
    build_url,
    built_by: by.id,
    built_by_name: by.name,
    built_by_email: null,
    started_at,
    completed_at: completedAt(deployment, common.status),
    extra_metadata,
  });
};

export const productShape = (name: string) => ({ id: uuidOfProduct(name), product_id: uuidOfProduct(name), name });

const types: Readonly<Record<EnvironmentType, string | null>> = {
  unmapped: null,
  development: 'dev',
  testing: 'test',
  staging: 'staging',
  production: 'production',
};

export const environmentShape = ({ key, environmentType, createdAt }: EnvironmentItem) => ({
  id: uuidOfEnvironment(key),
  environment_id: uuidOfEnvironment(key),
  name: key,
  type: types[environmentType],
  created_at: createdAt,
});

/** A version by its build; where none was reported, by its first deployment, without a status. */
export const versionShape = (tracked: Tracked, isBuild: boolean, since: string) => {
  const { id: _, ...common } = commonOf(tracked);
  const { build_url, extra_metadata, built_by, built_by_name, built_by_email } = buildShape(tracked);
  const built = isBuild ? { build_url, extra_metadata, built_by, built_by_name, built_by_email } : { status: null };
  return { ...common, id: common.version_id, ...built, created_at: since };
};

/** What shows as this, asked of the view. What waits may have been reported as started: a build that runs, as builds of several versions do. */
export function standingsShownAs(status: Reported): readonly Standing[] {
  const member = { path: [versioner.name, 'status'], is: status, byDefault: 'pending' };
  const waiting = { statuses: ours('pending'), member };
  if (status === 'pending') return [waiting];
  return status === 'started' ? [{ statuses: ours(status) }, waiting] : [{ statuses: ours(status) }];
}

const ours = (status: Reported): readonly Status[] =>
  (Object.keys(shownAs) as Status[]).filter((each) => shownAs[each] === status);
