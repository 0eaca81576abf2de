import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../test/support/database.js';
import { speaker } from '../../../../test/support/dialect.js';
import { startTestServer, testDatabase, TOKEN, unique, type TestServer } from '../../../../test/support/server.js';
import { uuidOfDeployment } from './versioner/ids.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());

const forwarded = {
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example, ship.example',
  'x-forwarded-prefix': '/log/',
};

it.each<[string, Record<string, string>, Record<string, string>, string | undefined]>([
  ['the address that the request was sent to', {}, forwarded, undefined],
  [
    'PUBLIC_URL',
    { PUBLIC_URL: 'https://public.example/base/', TRUSTED_PROXIES: '127.0.0.1' },
    forwarded,
    'https://public.example/base',
  ],
  ['what a trusted proxy says', { TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.0/8' }, forwarded, 'https://ship.example/log'],
  ['not what another proxy says', { TRUSTED_PROXIES: '10.0.0.0/8, ::1' }, forwarded, undefined],
  [
    'nothing that is no host',
    { TRUSTED_PROXIES: '127.0.0.1' },
    { 'x-forwarded-host': 'a/b', 'x-forwarded-proto': 'gopher' },
    '',
  ],
])('links are below %s', async (_, env, headers, expected) => {
  const api = await startTestServer(database, env);
  try {
    const base = expected ?? api.server.url;
    const { ask, linksIn } = linked(api, headers);
    for (const [dialect, sent] of Object.entries(await requests(ask))) {
      for (const [method, path, body] of sent) {
        const links = linksIn(await ask(method, path, body));
        const elsewhere = links.filter((link) => !below(base).test(link));
        expect([dialect, path, links.length > 0, elsewhere]).toEqual([dialect, path, true, []]);
      }
    }
  } finally {
    await api.server.close();
  }
});

type Request = readonly [method: string, path: string, body?: object];
const below = (base: string): RegExp => new RegExp(`^${base.replaceAll('.', '\\.')}/`);

/** Talks as clients of all dialects do, and finds what is a link to the service in an answer. */
const linked = (api: TestServer, headers: Record<string, string>) => {
  const ask = speaker(api.server.url, TOKEN, headers);
  return {
    ask,
    linksIn: ({ json, headers: got }: Awaited<ReturnType<typeof ask>>): string[] => [
      ...linksOf(json),
      ...(got.location === undefined ? [] : [got.location]),
      ...[...String(got['link'] ?? '').matchAll(/<([^>]*)>/g)].map(([, link]) => link!),
    ],
  };
};

/** Where members name an address; what clients sent themselves is elsewhere. */
const linksOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(linksOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' && /(^|_)url$/.test(name) && inner !== '' && !inner.startsWith('https://ci.example')
      ? [inner]
      : linksOf(inner),
  );
};

/** Of each dialect that has links to itself. */
async function requests(ask: ReturnType<typeof speaker>): Promise<Readonly<Record<string, readonly Request[]>>> {
  const project = `octocat/${unique('links')}`;
  const [repo, path] = [`/api/v3/repos/${project}`, `/api/v4/projects/${encodeURIComponent(project)}`];
  const made = await ask('POST', `${repo}/deployments`, { ref: 'v1', required_contexts: [] });
  await ask('POST', `${repo}/deployments`, { ref: 'v2', required_contexts: [] });
  const { id } = made.json;
  const status = { state: 'success', log_url: 'https://ci.example/1' };
  const gitlab = { environment: 'staging', sha: 'a'.repeat(40), ref: 'v1', tag: false, status: 'success' };
  const environments = (await ask('GET', `${path}/environments`)).json;
  return {
    github: [
      ['GET', repo],
      ['GET', '/api/v3/user'],
      ['POST', `${repo}/deployments`, { ref: 'v3', required_contexts: [] }],
      ['POST', `${repo}/deployments/${id}/statuses`, status],
      ['GET', `${repo}/deployments?per_page=1&page=2`],
      ['GET', `${repo}/deployments/${id}`],
      ['GET', `${repo}/deployments/${id}/statuses`],
      ['GET', `${repo}/environments`],
      ['GET', `/repos/${project}/deployments?per_page=1`],
    ],
    gitlab: [
      ['GET', path],
      ['GET', '/api/v4/user'],
      ['GET', '/api/v4/projects'],
      ['POST', `${path}/deployments`, gitlab],
      ['GET', `${path}/deployments?per_page=1&page=2`],
      ['GET', `${path}/environments`],
      ['GET', `${path}/environments/${environments[0].id}`],
    ],
    // A deployment that has no link of its own has that of the native API.
    jira: [
      [
        'GET',
        `/rest/deployments/0.1/pipelines/${encodeURIComponent(project)}/environments/production/deployments/${id}`,
      ],
    ],
    versioner: [['GET', `/manage/deployments?view=${uuidOfDeployment(id)}`]],
  };
}

it('limits of requests are told as each dialect tells them', async () => {
  const api = await startTestServer(database, { RATE_LIMIT: '2' });
  try {
    const ask = speaker(api.server.url, TOKEN);
    const first = await ask('GET', '/api/v3/rate_limit');
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-used': '1',
    });
    expect(first.json.rate).toMatchObject({ limit: 2, remaining: 1 });
    await ask('GET', '/api/v3/user');
    const beyond = await ask('GET', '/api/v3/user');
    expect(beyond).toMatchObject({ status: 429, json: { message: expect.stringContaining('rate limit exceeded') } });
    expect(beyond.headers).toMatchObject({
      'x-ratelimit-remaining': '0',
      'retry-after': expect.stringMatching(/^\d+$/),
    });
    expect(Number(beyond.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1_000 - 1);
  } finally {
    await api.server.close();
  }
});
