import type { Flock } from './canaries.js';
import { devlakeBodies } from './devlake.js';
import { jiraBodies } from './jira.js';
import { spaceBodies } from './space.js';
import { reportsOf } from './versioner.js';

const github = (repository: string): Readonly<Record<string, object>> => ({
  [`${repository}/deployments`]: { ref: 'main', environment: 'production' },
  [`${repository}/deployments/:id/statuses`]: { state: 'success' },
});

const DIGEST = `sha256:${'a'.repeat(64)}`;
const artifacts = (path: string, project: string): Readonly<Record<string, object>> => {
  const one = { name: project, github_repository: project, digest: DIGEST, status: 'deployed', deployment_name: 'web' };
  const cluster = { logical_environment: 'production', deployments: [one] };
  const records = `${path}/metadata/deployment-record`;
  return {
    [records]: { ...one, logical_environment: 'production' },
    [`${records}/cluster/:cluster`]: cluster,
    [`${records}/cluster/:cluster/jobs`]: cluster,
  };
};

const gitlab: Readonly<Record<string, object>> = {
  '/api/v4/projects/:pathOrId/deployments': {
    environment: 'production',
    sha: 'abc1234',
    ref: 'main',
    tag: false,
    status: 'running',
  },
  '/api/v4/projects/:pathOrId/deployments/:id': { status: 'success' },
  '/api/v4/projects/:pathOrId/deployments/:id/approval': { status: 'approved' },
  '/api/v4/projects/:pathOrId/environments': { name: 'new' },
  '/api/v4/projects/:pathOrId/environments/:environmentNumber': { external_url: 'https://new.example' },
};

const graphqlOf = (project: string): string =>
  `{ repository(owner: "-", name: "${project}") { id deployments(first: 100) { totalCount nodes { ref { name } latestStatus { id } } } } }`;

/** What the routes of the dialects take to change something, by the route; `flock` is what is asked for. */
export const dialectBodies = (flock: Flock): Readonly<Record<string, object>> => ({
  ...github('/api/v3/repos/:owner/:repo'),
  ...github('/repos/:owner/:repo'),
  ...artifacts('/api/v3/orgs/:org/artifacts', flock.project),
  ...artifacts('/orgs/:org/artifacts', flock.project),
  '/api/graphql': { query: graphqlOf(flock.project) },
  '/graphql': { query: graphqlOf(flock.project) },
  ...gitlab,
  ...Object.fromEntries(spaceBodies(flock.targets[0]!)),
  ...jiraBodies({ pipeline: flock.project, environment: flock.targets[0]!, sequence: 1 }),
  ...devlakeBodies(),
  ...reportsOf(flock.project, flock.targets[0]!),
});
