import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamOf } from '#domain';
import { dialects } from '../../facades/dialects.js';
import { fullNumberIdOf } from '../../facades/space/identifiers.js';
import { stableNumber } from '../../facades/stable-number.js';
import { uuidOfDeployment } from '../../facades/versioner/ids.js';
import { fillProject, shared, tokenOf, type Flock } from '../../../../../test/support/canaries.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { parametersIn, pathOf, routesWhile, type Route } from '../../../../../test/support/routes.js';
import { API, startTestServer, testDatabase, type TestServer } from '../../../../../test/support/server.js';
import { exchange, type Answered } from '../../../../../test/support/wire.js';

/** All that may be seen without a token, word for word; what else is to be must be written down here. */
const OPEN = [
  '/health',
  '/health/live',
  '/health/ready',
  '/metrics',
  '/openapi.json',
  '/asyncapi.json',
  '/docs',
  '/docs/start.js',
  '/docs/:asset',
  '/_edge/tenant_info',
  '/oauth/token',
];

let database: TestDatabase;
let api: TestServer;
let routes: readonly Route[];
let other: Flock;
/** Reads another project than the one that is filled. */
let stranger: string;
beforeAll(async () => {
  database = await testDatabase();
  const started = await routesWhile(() => startTestServer(database));
  api = started.made;
  // Each is tried with HEAD all the same.
  routes = started.routes.filter(({ method }) => method !== 'HEAD');
  other = await fillProject(api, shared());
  ({ token: stranger } = await tokenOf(api, {
    name: 'stranger',
    projects: ['elsewhere'],
    scopes: ['deployments:read'],
  }));
});
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

const valuesOf = (): Record<string, string> => ({
  project: other.project,
  target: other.targets[0]!,
  number: '1',
  id: other.ids[0]!,
  commandId: other.commandIds[0]!,
  sha: other.bird('commit1'),
  issue: other.bird('issue1'),
  version: other.bird('version1'),
  tokenId: other.tokens.service.id,
  actorId: other.bird('person'),
  position: other.ids[0]!,
  asset: 'swagger-ui.css',
  owner: '-',
  repo: other.project,
  login: other.bird('person'),
  environment: other.targets[0]!,
  statusId: other.ids[0]!,
  cloudId: 'any',
  pipelineId: other.project,
  environmentId: other.targets[0]!,
  deploymentSequenceNumber: other.ids[0]!,
  projectIdentifier: `key:${other.project}`,
  targetIdentifier: `key:${other.targets[0]!}`,
  deploymentIdentifier: `id:${other.ids[0]!}`,
  fullNumberId: fullNumberIdOf(other.project, other.targets[0]!),
  pathOrId: other.project,
  environmentNumber: String(stableNumber(streamOf(other.project, other.targets[0]!))),
  connection: other.project,
  uuid: uuidOfDeployment(Number(other.ids[0])),
  org: '-',
  cluster: other.targets[0]!,
  job: `${other.ids[0]!}0001`,
  digest: `sha256:${other.bird('digest')}`,
});

/** Of a dialect: what our own routes call a project has another name there. */
const isDialect = ({ url }: Route): boolean =>
  dialects.some(({ prefixes }) => prefixes.some((prefix) => url === prefix || url.startsWith(`${prefix}/`)));
const isBelowProject = ({ url }: Route): boolean =>
  /:(project|projectIdentifier|repo|pipelineId|pathOrId|connection)\b/.test(url);

/** Ways to write a path that a proxy, a middleware or a router may take for the same one. */
const spellingsOf = (path: string): string[] => {
  const [, first = '', ...rest] = path.split('/');
  return [
    path,
    `/${path}`,
    `//${path}`,
    `${path}/`,
    `${path}//`,
    `/${first}//${rest.join('/')}`,
    `/${first}%2F${rest.join('%2F')}`,
    `/${first}%2f${rest.join('/')}`,
    `/${path.slice(1).replaceAll('/', '\\')}`,
    path.toUpperCase(),
    path.charAt(0) + path.charAt(1).toUpperCase() + path.slice(2),
    path.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    `/./${path.slice(1)}`,
    `/health/..${path}`,
    `/health/%2e%2e${path}`,
    // One segment alone is a file of the documents there, which there is not.
    ...(rest.length > 0 ? [`/docs/..%2f${path.slice(1)}`] : []),
    `/metrics/..;${path}`,
    `${path};/health/live`,
    `${path}?/health/live`,
    `${path}%00`,
    `${path}%20`,
    `${path}.json`,
    `http://127.0.0.1${path}`,
  ];
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'TRACE'];
type Tried = Readonly<{ method: string; path: string; route: Route }>;
const waysInto = (route: Route): Tried[] =>
  spellingsOf(pathOf(route, valuesOf())).flatMap((path, n) =>
    // Written as it is, everything is done to it; otherwise what it is for.
    [...new Set([route.method, 'HEAD', ...(n === 0 ? METHODS : [])])].map((method) => ({ method, path, route })),
  );

/** Tries them all, a few at a time, and tells of those whose answer is not as it must be. */
async function wrong(
  tried: readonly Tried[],
  token: string | undefined,
  isRight: (answered: Answered, tried: Tried) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < tried.length) {
      const one = tried[next++]!;
      const { method, path } = one;
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined;
      const answered = await exchange(api.server.url, {
        method,
        path,
        ...(token === undefined ? {} : { token }),
        ...(body ? { body } : {}),
      });
      if (!isRight(answered, one)) found.push(`${method} ${path} → ${answered.status} ${answered.body.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return found;
}

const isClosed = ({ url }: Route): boolean => !OPEN.includes(url);

describe('every route of the application that runs', () => {
  it('is known: its parameters have values here', () => {
    expect(routes.filter(isClosed).length).toBeGreaterThan(40);
    for (const route of routes) for (const name of parametersIn(route)) expect(valuesOf()).toHaveProperty(name);
    expect(OPEN.filter((url) => !routes.some((route) => route.url === url))).toEqual([]);
    expect(routes.filter((route) => !route.url.startsWith(API) && isClosed(route) && !isDialect(route))).toEqual([]);
  });

  it('is 401 without a token, however it is written and whatever is done to it', async () => {
    const tried = routes.filter(isClosed).flatMap(waysInto);
    const isRefused = ({ status, headers }: Answered): boolean =>
      status === 401 && headers['www-authenticate'] === 'Bearer';
    expect(await wrong(tried, undefined, isRefused)).toEqual([]);
  }, 120_000);

  it('that is open can be read, and nothing else can be done to it', async () => {
    const open = routes.filter((route) => !isClosed(route)).flatMap(waysInto);
    const isRight = ({ status }: Answered, { method, path, route }: Tried): boolean => {
      const isRead = ['GET', 'HEAD'].includes(method);
      if (isRead && route.method === 'GET' && path === pathOf(route, valuesOf())) return status === 200;
      return [401, 404].includes(status) || (isRead && status === 200);
    };
    expect(await wrong(open, undefined, isRight)).toEqual([]);
  }, 60_000);

  it('shows nothing of a project to a token of another, however it is written, and changes nothing', async () => {
    const logOf = async (): Promise<string> => (await api.call(`${API}/events?limit=200`)).text;
    const was = await logOf();
    const tried = routes.filter(isClosed).flatMap(waysInto);
    const isRight = ({ status, body }: Answered, { route, method }: Tried): boolean => {
      // Checkpoints are of the whole log, and name nothing of it.
      const isList = body.includes('"items":[{') && !/\/audit\/checkpoints/i.test(route.url);
      if (isList || new RegExp(`"(project|key)":"${other.project}`).test(body)) return false;
      const isAddressed = isBelowProject(route) || /:(id|uuid|tokenId|actorId|position|fullNumberId)\b/.test(route.url);
      // Asked with POST, and nothing of a project is in its path: what it tells is the isolation's to look at.
      if (route.url.endsWith('/graphql')) return status < 500;
      if (isAddressed || !['GET', 'HEAD'].includes(method)) return status >= 400 && status < 500;
      return status < 500;
    };
    expect(await wrong(tried, stranger, isRight)).toEqual([]);
    expect(await logOf()).toBe(was);
  }, 120_000);

  it('below a project answers 404 to a token of another, and 403 only where something would be created', async () => {
    const below = routes.filter(isBelowProject);
    const tried = below.flatMap((route) => {
      const period = route.query.includes('from') ? '?from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z' : '';
      const path = `${pathOf(route, valuesOf())}${period}`;
      return (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]).map((method) => ({ method, path, route }));
    });
    const isRight = ({ status, body }: Answered, { route: { url, command }, method }: Tried): boolean => {
      if (isDialect({ method, url, query: [] })) return status === 404;
      if (command === 'CreateTarget') return status === 400 || status === 403;
      const code = url.endsWith(':commandId') ? 'command' : url.includes(':target') ? 'target' : 'project';
      return status === 404 && (method === 'HEAD' || body.includes(`"code":"${code}_not_found"`));
    };
    expect(await wrong(tried, stranger, isRight)).toEqual([]);
  });
});
