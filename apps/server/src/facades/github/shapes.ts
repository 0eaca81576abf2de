import type { Actor, Deployment } from '#domain';
import type { Seen } from '../facade-reads.js';
import { stableNumber } from '../stable-number.js';
import { repositoryOf, secondsOf } from './names.js';
import { isProduction, recordedIn, type State } from './recorded.js';
import type { StatusSeen } from './statuses.js';

/** Addresses as GitHub's answers have them; `api` is the one below which its routes are for this client. */
export const addressesOf = (api: string, project: string) => {
  const { owner, repo } = repositoryOf(project);
  const repository = `${api}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;
  return {
    repository,
    deployments: `${repository}/deployments`,
    deployment: (id: number) => `${repository}/deployments/${id}`,
    environment: (name: string) => `${repository}/environments/${encodeURIComponent(name)}`,
  };
};

/** Somebody, as GitHub describes users. */
export const userShape = (api: string, { id, name, kind }: Actor) => {
  const url = `${api}/users/${encodeURIComponent(id)}`;
  const number = stableNumber(`${kind}:${id}`);
  return {
    login: id,
    id: number,
    node_id: `U_${number}`,
    avatar_url: '',
    gravatar_id: '',
    url,
    html_url: url,
    type: kind === 'user' ? 'User' : 'Bot',
    site_admin: false,
    ...(name === undefined ? {} : { name }),
  };
};

/** Of a deployment that no client of GitHub made, what comes nearest. */
export const refOf = ({ commitRefs: [first], version, metadata }: Deployment): string =>
  recordedIn(metadata).ref ?? first?.branch ?? version;

export const commitOf = ({ commitRefs: [first] }: Deployment): string => first?.commit ?? '';

/** When anything was last reported of it. */
export const updatedAt = ({ createdAt, startedAt, finishedAt, endedAt, metadata }: Deployment): string =>
  [createdAt, startedAt, finishedAt, endedAt, recordedIn(metadata).status?.at ?? null]
    .filter((time) => time !== null)
    .reduce((latest, time) => (time > latest ? time : latest));

export const deploymentShape = (api: string, { shown, deployment }: Seen, state: State | null) => {
  const { id, project, target, description, metadata, number, status } = shown;
  const recorded = recordedIn(metadata);
  const addresses = addressesOf(api, project);
  return {
    url: addresses.deployment(id),
    id,
    node_id: `DE_${id}`,
    sha: commitOf(deployment),
    ref: refOf(deployment),
    task: recorded.task ?? 'deploy',
    payload: recorded.payload ?? {},
    original_environment: target,
    environment: recorded.environment ?? target,
    description,
    creator: userShape(api, shown.actor),
    created_at: secondsOf(shown.createdAt),
    updated_at: secondsOf(updatedAt(deployment)),
    statuses_url: `${addresses.deployment(id)}/statuses`,
    repository_url: addresses.repository,
    transient_environment: recorded.transient_environment ?? false,
    production_environment: isProduction(shown),
    performed_via_github_app: null,
    // Beyond what GitHub says: whoever asks for these need not ask for the statuses of each.
    state,
    shiplog: { project, target, number, status, version: shown.version },
  };
};

/** As it was reported; of what nobody reported in this dialect, where the deployment leads to. */
export const logOf = ({ shown: { externalLink } }: Pick<Seen, 'shown'>, { report }: StatusSeen): string =>
  (report ? report.log_url : externalLink?.url) ?? '';

export const statusShape = (api: string, seen: Pick<Seen, 'shown'>, status: StatusSeen) => {
  const { id, project } = seen.shown;
  const addresses = addressesOf(api, project);
  const { report } = status;
  const log = logOf(seen, status);
  return {
    url: `${addresses.deployment(id)}/statuses/${status.id}`,
    id: status.id,
    node_id: `DES_${status.id}`,
    state: status.state,
    creator: userShape(api, status.actor),
    description: report?.description ?? '',
    environment: status.environment,
    target_url: log,
    log_url: log,
    environment_url: report?.environment_url ?? '',
    created_at: secondsOf(status.at),
    updated_at: secondsOf(status.at),
    deployment_url: addresses.deployment(id),
    repository_url: addresses.repository,
    performed_via_github_app: null,
  };
};

export const repositoryShape = (api: string, project: string) => {
  const { owner, repo } = repositoryOf(project);
  const { repository, deployments } = addressesOf(api, project);
  return {
    id: stableNumber(project),
    node_id: `R_${stableNumber(project)}`,
    name: repo,
    full_name: `${owner}/${repo}`,
    private: true,
    owner: userShape(api, { id: owner, kind: 'user' }),
    html_url: repository,
    description: null,
    fork: false,
    url: repository,
    deployments_url: deployments,
    default_branch: 'main',
    visibility: 'private',
  };
};
