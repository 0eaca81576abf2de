import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { speaker, type Said } from '../../../../test/support/dialect.js';
import { jiraBodies } from '../../../../test/support/jira.js';
import { deployedReport } from '../../../../test/support/devlake.js';
import {
  API,
  rowsOf,
  startTestServer,
  TOKEN,
  unique,
  type Loose,
  type TestServer,
} from '../../../../test/support/server.js';
import { suiteServer } from '../../../../test/support/suite.js';
import { dialects } from './dialects.js';

const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';

/** A report in a dialect, a read in it, where it has one, and how it words a refusal. */
type Spoken = Readonly<{
  report: (project: string) => [path: string, body: object];
  read?: (project: string) => string;
  limited: object;
  away: object;
  /** What its clients send all of. */
  headers?: Readonly<Record<string, string>>;
}>;

const segment = encodeURIComponent;
const said = expect.stringMatching(/\w/) as unknown as string;
const inJira = (code: number, message: string): object => ({ code, message, errorMessages: [message], errors: {} });
const inVersioner = (message: unknown, error: string): object => ({ detail: message, message, error });
const inDevlake = (message: string): object => ({ code: 0, success: false, message, causes: [], data: null });
const inGitHub = (status: string, message: string): object => ({ message, documentation_url: said, status });

const AWAY = expect.stringMatching(/^The database is away/) as unknown as string;
const LIMITED = 'The token may send 1 requests a minute.';

const spoken: Readonly<Record<string, Spoken>> = {
  github: {
    report: (project) => [`/api/v3/repos/${project}/deployments`, { ref: 'main', required_contexts: [] }],
    read: (project) => `/api/v3/repos/${project}/deployments`,
    limited: inGitHub('429', 'API rate limit exceeded for this token.'),
    away: inGitHub('503', 'Service Unavailable'),
    // A repeat is known by nothing else.
    headers: { 'idempotency-key': unique('github') },
  },
  gitlab: {
    report: (project) => [
      `/api/v4/projects/${segment(project)}/deployments`,
      { environment: 'production', sha: SHA, ref: 'main', tag: false, status: 'running' },
    ],
    read: (project) => `/api/v4/projects/${segment(project)}/environments`,
    limited: { message: '429 Too Many Requests' },
    away: { message: '503 Service Unavailable' },
  },
  jira: {
    report: (project) => [
      '/rest/deployments/0.1/bulk',
      jiraBodies({ pipeline: project, environment: 'production', sequence: 1 })['/rest/deployments/0.1/bulk']!,
    ],
    read: (project) => `/rest/deployments/0.1/pipelines/${segment(project)}/environments/production/deployments/1`,
    limited: inJira(429, LIMITED),
    away: inJira(503, AWAY),
  },
  space: {
    report: (project) => [
      `/api/http/projects/key:${segment(project)}/automation/deployments/schedule`,
      { targetIdentifier: 'key:production', version: '1', commitRefs: [{ repositoryName: 'web', branch: 'main' }] },
    ],
    read: (project) => `/api/http/projects/key:${segment(project)}/automation/deployments`,
    limited: { error: 'rate-limited', error_description: LIMITED },
    away: { error: 'internal-server-error', error_description: AWAY },
  },
  versioner: {
    report: (project) => [
      '/deployment-events/',
      { product_name: project, environment_name: 'production', version: '1', status: 'pending' },
    ],
    read: (project) => `/deployments/?product_name=${segment(project)}`,
    limited: inVersioner(expect.stringMatching(/^Rate limit exceeded\. Try again in \d+ seconds\.$/), 'rate_limited'),
    away: inVersioner('Service temporarily unavailable', 'unavailable'),
  },
  cdevents: {
    report: (project) => [`/cdevents/${segment(project)}`, queued],
    limited: expect.objectContaining({ code: 'too_many_requests', retryAfter: expect.any(Number) }) as object,
    away: expect.objectContaining({ code: 'unavailable', detail: AWAY, retryAfter: expect.any(Number) }) as object,
    headers: { 'content-type': 'application/cloudevents+json' },
  },
  devlake: {
    report: (project) => [`/plugins/webhook/connections/${segment(project)}/deployments`, deployedReport()],
    limited: inDevlake(LIMITED),
    away: inDevlake(AWAY),
  },
};

const queued: object = {
  ...{ specversion: '1.0', id: unique('event'), source: '/ci', type: 'dev.cdevents.deployment.queued.0.1.0' },
  data: { subject: { id: 'd-1', content: { environment: { id: 'production' }, artifactId: 'pkg:oci/web@1' } } },
};

const api = suiteServer();
let limited: TestServer;
beforeAll(async () => {
  limited = await startTestServer(api.database, { RATE_LIMIT: '1' });
});
afterAll(() => limited?.server.close());

it('has all dialects', () => {
  expect(Object.keys(spoken).toSorted()).toEqual(dialects.map(({ name }) => name).toSorted());
});

const seconds = (answered: Said<Loose>): number => Number(answered.headers['retry-after']);
/** The requests of a dialect, about a project of its own. */
const speaking = ({ report, read, headers }: Spoken, url: string, token = TOKEN) => {
  const project = `octocat/${unique('refused')}`;
  const ask = speaker(url, token, headers);
  return {
    project,
    report: (): Promise<Said<Loose>> => ask('POST', ...report(project)),
    reads: async (): Promise<Array<Said<Loose>>> => (read ? [await ask('GET', read(project))] : []),
  };
};
/** As Space's clients have it made, and any other may. */
const makeTarget = (project: string): Promise<unknown> =>
  api.call(`${API}/projects/${segment(project)}/targets`, { body: { key: 'production' } });

describe.each(Object.entries(spoken))('%s', (_, dialect) => {
  it('says in its own words that a token sends too much, and when to go on', async () => {
    const name = unique('sender');
    const body = { name, scopes: ['deployments:write'], projects: ['*'] };
    const { token } = (await api.call(`${API}/tokens`, { body })).body;
    const { project, report, reads } = speaking(dialect, limited.server.url, token);
    await makeTarget(project);
    expect((await report()).status).toBeLessThan(300);
    for (const refused of [await report(), ...(await reads())]) {
      expect([refused.status, refused.json]).toEqual([429, dialect.limited]);
      expect(seconds(refused)).toBeGreaterThan(0);
    }
  });
});

it('says in the words of each that the database is away; what is sent again when it is back is there, once', async () => {
  const all = Object.values(spoken).map((dialect) => ({ ...speaking(dialect, api.server.url), words: dialect.away }));
  for (const { project } of all) await makeTarget(project);
  const name = new URL(api.database.url).pathname.slice(1);
  const admin = { url: process.env['TEST_DATABASE_URL']! };
  const allow = (allowed: boolean) => rowsOf(admin, `alter database ${name} with allow_connections ${allowed}`);
  await allow(false);
  await rowsOf(admin, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  for (const { report, reads, words } of all) {
    for (const refused of [await report(), ...(await reads())]) {
      expect([refused.status, refused.json]).toEqual([503, words]);
      expect(seconds(refused)).toBeGreaterThan(0);
    }
  }
  await allow(true);
  for (const { report, project } of all) {
    let again = await report();
    for (const end = performance.now() + 20_000; again.status === 503 && performance.now() < end;)
      again = await report();
    expect([project, again.status, again.body]).toEqual([project, expect.any(Number), expect.any(String)]);
    expect(again.status).toBeLessThan(300);
    expect((await report()).status).toBeLessThan(300);
    const { position } = (await api.call(`${API}/status`)).body;
    const path = `${API}/deployments?project=${segment(project)}&min_position=${position}`;
    expect((await api.call(path)).body.items).toHaveLength(1);
  }
}, 120_000);
