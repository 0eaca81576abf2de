import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../test/support/database.js';
import { speaker } from '../../../../test/support/dialect.js';
import { startTestServer, testDatabase, TOKEN } from '../../../../test/support/server.js';

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
    const { json } = await speaker(api.server.url, TOKEN, headers)('GET', '/api/v3/repos/o/r');
    expect(json.url).toBe(`${expected ?? api.server.url}/api/v3/repos/o/r`);
  } finally {
    await api.server.close();
  }
});

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
