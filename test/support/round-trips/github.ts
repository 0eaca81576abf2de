import { common, fluent } from './history.js';
import type { Loose } from '../server.js';
import { byRef, inOrder, type Ask, type Dialect, type Native } from './dialect.js';

const states = {
  start: 'in_progress',
  succeed: 'success',
  fail: 'failure',
  cancel: 'inactive',
  retire: 'inactive',
} as const;
const of = (project: string): string => `/api/v3/repos/${project}`;

const shown: Readonly<Record<string, string>> = {
  blocked: 'waiting',
  deploying: 'in_progress',
  current: 'success',
  failed: 'failure',
  canceled: 'inactive',
  retired: 'inactive',
};

const stateOf = ({ status, target, metadata, decisions }: Native): string | null => {
  if (status === 'scheduled') return metadata['github'] && !decisions ? null : 'queued';
  // GitHub leaves the former ones of production as they were.
  if (status === 'completed' || status === 'rolled_back') return target === 'production' ? 'success' : 'inactive';
  return shown[status]!;
};

/** GraphQL tells the one that runs from those that only succeeded. */
const nodeStateOf = (native: Native): string => {
  const state = stateOf(native);
  if (state === null) return 'PENDING';
  return native.status === 'current' ? 'ACTIVE' : state.toUpperCase();
};

const QUERY = `query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
  deployments(first: 100, orderBy: { field: CREATED_AT, direction: DESC }) { nodes {
    databaseId environment ref { name } commitOid state creator { login } latestStatus { state logUrl } } } } }`;

/** The same by GraphQL, by their ids. */
async function nodesOf(ask: Ask, project: string): Promise<ReadonlyMap<number, object>> {
  const [owner, name] = project.split('/');
  const { json } = await ask('ann', 'POST', '/api/graphql', { query: QUERY, variables: { owner, name } });
  const { nodes } = json.data.repository.deployments;
  return new Map(nodes.map(({ databaseId, ...node }: Loose) => [databaseId, node]));
}

const nodeDue = (native: Native): object => {
  const { branch = native.version, commit = '' } = native.commitRefs[0] ?? {};
  const state = stateOf(native);
  const logUrl = native.externalLink?.url ?? null;
  return {
    ...{ environment: native.target, ref: { name: branch }, commitOid: commit, state: nodeStateOf(native) },
    creator: { login: native.actor.id },
    latestStatus: state === null ? null : { state: state.toUpperCase(), logUrl },
  };
};

export const github: Dialect = {
  speech: { ...fluent, says: [...common, 'retire'], linked: ['start', 'succeed', 'fail', 'cancel', 'retire'] },
  async report(ask, project, { kind, index, told, link, sender }, ids) {
    const { ref, commit: sha } = told.release;
    const path = `${of(project)}/deployments`;
    if (kind === 'begin') {
      const body = { ref, sha, environment: told.target, required_contexts: [], auto_merge: false };
      return (await ask(sender, 'POST', path, body)).json.id;
    }
    return ask(sender, 'POST', `${path}/${ids[index]}/statuses`, {
      state: states[kind as keyof typeof states],
      log_url: link,
    });
  },
  becomes: byRef,
  async readAll(ask, project, natives) {
    const path = `${of(project)}/deployments`;
    const { json } = await ask('ann', 'GET', `${path}?per_page=100`);
    const nodes = await nodesOf(ask, project);
    const all = inOrder<(typeof json)[number]>(
      json,
      natives.map(({ id }) => id),
      ({ id }) => id,
    );
    return Promise.all(
      all.map(async ({ id, environment, ref, sha, state, creator, shiplog }) => {
        const [last] = (await ask('ann', 'GET', `${path}/${id}/statuses?per_page=1`)).json;
        return {
          id,
          environment,
          ref,
          sha,
          state,
          last: last?.state ?? null,
          link: last?.log_url || null,
          by: creator.login,
          version: shiplog.version,
          node: nodes.get(id),
        };
      }),
    );
  },
  shows: (native) => ({
    ...{ id: native.id, environment: native.target, by: native.actor.id },
    ref: native.commitRefs[0]?.branch ?? native.version,
    sha: native.commitRefs[0]?.commit ?? '',
    state: stateOf(native),
    last: stateOf(native),
    // Statuses have links, deployments do not.
    link: stateOf(native) === null ? null : (native.externalLink?.url ?? null),
    version: native.version,
    node: nodeDue(native),
  }),
};
