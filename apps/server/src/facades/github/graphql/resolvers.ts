import type { FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { isKey, type Actor } from '#domain';
import { reaches } from '../../../http/auth/identity.js';
import type { FacadeReads, Seen } from '../../facade-reads.js';
import { stableNumber } from '../../stable-number.js';
import type { GitHubDeployments } from '../deployments.js';
import { rateOf } from '../dialect.js';
import { projectOf, repositoryOf, secondsOf } from '../names.js';
import { recordedIn, type State } from '../recorded.js';
import { addressesOf, commitOf, logOf, refOf, updatedAt, userShape } from '../shapes.js';
import type { StatusSeen } from '../statuses.js';
import { boundsOf, cursorOf, pageInfoOf, type Stretch } from './connections.js';

export type Asking = Readonly<{ request: FastifyRequest; reads: FacadeReads; deployments: GitHubDeployments }>;
type OfRepository = Asking & Readonly<{ api: string; project: string }>;

/** What a query begins at. */
export const rootOf = (asking: Asking) => ({
  viewer: () => actorNode(apiOf(asking), asking.request.identity!.actor),
  rateLimit: () => rateNode(asking.request),
  repository: ({ owner, name }: Readonly<{ owner: string; name: string }>) => {
    const project = projectOf(owner, name);
    if (!isKey(project) || !reaches(asking.request.identity!, project))
      throw new GraphQLError(`Could not resolve to a Repository with the name '${owner}/${name}'.`, {
        extensions: { type: 'NOT_FOUND' },
      });
    return repositoryNode({ ...asking, project, api: apiOf(asking) });
  },
});

const apiOf = ({ deployments, request }: Asking): string => deployments.apiOf(request);

const rateNode = (request: FastifyRequest) => {
  const { reset, ...rate } = rateOf(request);
  return { ...rate, cost: 1, nodeCount: 1, resetAt: new Date(reset * 1_000).toISOString() };
};

function actorNode(api: string, actor: Actor) {
  const { login, node_id: id, url, avatar_url: avatarUrl, type } = userShape(api, actor);
  return {
    __typename: type,
    id,
    login,
    url,
    avatarUrl,
    resourcePath: `/${login}`,
    databaseId: null,
    name: actor.name ?? null,
  };
}

function repositoryNode(of: OfRepository, list = (asked: Asked): Promise<object> => connection(of, asked)) {
  const { owner, repo } = repositoryOf(of.project);
  return {
    id: `R_${stableNumber(of.project)}`,
    databaseId: null,
    name: repo,
    nameWithOwner: `${owner}/${repo}`,
    url: addressesOf(of.api, of.project).repository,
    deployments: list,
  };
}

type Asked = Stretch &
  Readonly<{ environments?: readonly string[] | null; orderBy?: Readonly<{ direction: 'ASC' | 'DESC' }> | null }>;

/** Lists within lists would make a short query a long one. */
function refuseLists(): never {
  throw new GraphQLError(
    'The deployments of a repository are asked for where the query begins, not below a deployment.',
  );
}

async function connection(of: OfRepository, asked: Asked): Promise<object> {
  const filters = asked.environments?.length ? { targets: asked.environments } : {};
  const { total } = await of.reads.deployments(of.project, filters, { offset: 0, limit: 0 });
  const bounds = boundsOf(asked, total, 'deployments');
  const { from, to } = bounds;
  const isOldestFirst = asked.orderBy?.direction !== 'DESC';
  const offset = isOldestFirst ? total - to : from;
  const { items } = await of.reads.deployments(of.project, filters, { offset, limit: to - from });
  const nodes = await deploymentNodes(of, isOldestFirst ? items.toReversed() : items);
  return {
    nodes,
    edges: nodes.map((node, n) => ({ node, cursor: cursorOf(from + n) })),
    totalCount: total,
    pageInfo: pageInfoOf(bounds),
  };
}

async function deploymentNodes(of: OfRepository, all: readonly Seen[]) {
  const states = await of.deployments.states(all);
  // One reading of the log for all of them, and only where somebody asks for statuses.
  let read: Promise<ReadonlyMap<Seen, readonly StatusSeen[]>> | undefined;
  const statusesOf = async (seen: Seen): Promise<readonly StatusSeen[]> => {
    read ??= of.deployments.statuses(all).then((found) => new Map(found.map((each) => [each.seen, each.statuses])));
    return (await read).get(seen)!;
  };
  return all.map((seen, n) => deploymentNode(of, seen, { state: states[n]!, statuses: () => statusesOf(seen) }));
}

type Standing = Readonly<{ state: State | null; statuses: () => Promise<readonly StatusSeen[]> }>;

function deploymentNode(of: OfRepository, seen: Seen, { state, statuses }: Standing) {
  const { shown, deployment } = seen;
  const recorded = recordedIn(shown.metadata);
  const ref = refOf(deployment);
  const { payload } = recorded;
  const newestFirst = async (): Promise<StatusSeen[]> => (await statuses()).toReversed();
  return {
    id: `DE_${shown.id}`,
    databaseId: shown.id <= MAX_INT ? shown.id : null,
    commitOid: commitOf(deployment),
    commit: commitNode(of, seen),
    createdAt: secondsOf(shown.createdAt),
    updatedAt: secondsOf(updatedAt(deployment)),
    creator: actorNode(of.api, shown.actor),
    description: shown.description,
    environment: recorded.environment ?? shown.target,
    latestEnvironment: recorded.environment ?? shown.target,
    originalEnvironment: shown.target,
    payload: payload === undefined ? null : typeof payload === 'string' ? payload : JSON.stringify(payload),
    ref: refNode(shown.id, ref),
    repository: () => repositoryNode(of, refuseLists),
    state: stateNode(state, recorded.transient_environment === true, shown.status === 'current'),
    task: recorded.task ?? 'deploy',
    latestStatus: async () =>
      (await newestFirst()).slice(0, 1).map((status) => statusNode(of, seen, status))[0] ?? null,
    statuses: async (asked: Stretch) => {
      const all = await newestFirst();
      const bounds = boundsOf(asked, all.length, 'statuses');
      const nodes = all.slice(bounds.from, bounds.to).map((status) => statusNode(of, seen, status));
      const edges = nodes.map((node, n) => ({ node, cursor: cursorOf(bounds.from + n) }));
      return { nodes, edges, totalCount: all.length, pageInfo: pageInfoOf(bounds) };
    },
  };
}

/** The largest `Int` of GraphQL. */
const MAX_INT = 2 ** 31 - 1;

/** GraphQL tells the one that runs from those that only succeeded, and what is gone for good from what is not active. */
function stateNode(state: State | null, isTransient: boolean, isCurrent: boolean): string {
  if (state === null) return 'PENDING';
  if (state === 'success') return isCurrent ? 'ACTIVE' : 'SUCCESS';
  return state === 'inactive' && isTransient ? 'DESTROYED' : state.toUpperCase();
}

function refNode(id: number, ref: string) {
  const [prefix = '', name = ref] = /^(refs\/(?:heads|tags)\/)(.+)$/s.exec(ref)?.slice(1) ?? ['refs/heads/', ref];
  return { id: `REF_${id}`, name, prefix };
}

/** Only what the log knows of a commit. */
function commitNode({ api, project }: OfRepository, { shown: { commitRefs }, deployment }: Seen) {
  const oid = commitOf(deployment);
  if (oid === '' || commitRefs.length === 0) return null;
  const commitUrl = `${addressesOf(api, project).repository}/commits/${encodeURIComponent(oid)}`;
  return { oid, abbreviatedOid: oid.slice(0, 7), commitUrl, message: '', author: null, committedDate: null };
}

function statusNode({ api }: OfRepository, seen: Seen, status: StatusSeen) {
  const { id, state, at, actor, environment, report } = status;
  return {
    id: `DES_${id}`,
    state: state.toUpperCase(),
    createdAt: secondsOf(at),
    updatedAt: secondsOf(at),
    creator: actorNode(api, actor),
    description: report?.description ?? '',
    environment,
    environmentUrl: report?.environment_url || null,
    logUrl: logOf(seen, status) || null,
  };
}
