import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { API, TOKEN, newTarget, unique, type Reply } from '../../../../test/support/server.js';
import { suiteServer } from '../../../../test/support/suite.js';

const api = suiteServer();
let path: string;
beforeAll(async () => {
  ({ path } = await newTarget(api));
});

/** Bytes as they are, for what no client would send; the answer up to the end of the connection. */
const exchange = (bytes: string | Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.server.url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('close', () => resolve(answer)).on('error', reject);
    socket.setTimeout(15_000, () => socket.destroy(new Error(`No end after: ${answer}`)));
  });
const rawRequest = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n');

const expectProblem = ({ status, headers, body }: Reply, expected: object): void => {
  expect({ ...body, type: headers.get('content-type') }).toMatchObject({
    type: 'application/problem+json',
    status,
    ...expected,
  });
};

describe('without a token', () => {
  const routes = [
    ['GET', '/projects'],
    ['GET', '/projects/p/targets'],
    ['POST', '/projects/p/targets'],
    ['PATCH', '/projects/p/targets/t'],
    ['DELETE', '/projects/p/targets/t'],
    ['GET', '/projects/p/targets/t'],
    ['POST', '/projects/p/targets/t/start'],
    ['POST', '/projects/p/targets/t/deployments/1/finish'],
    ['GET', '/projects/p/targets/t/current'],
    ['GET', '/projects/p/targets/t/deployments'],
    ['GET', '/projects/p/targets/t/deployments/1'],
    ['GET', '/projects/p/targets/t/deployments/1/timeline'],
    ['GET', '/projects/p/targets/t/commands/x'],
    ['GET', '/current'],
    ['GET', '/deployments'],
    ['GET', '/deployments/1'],
    ['GET', '/events'],
    ['GET', '/status'],
    ['GET', '/nothing/here'],
    ['PUT', '/projects'],
    ['OPTIONS', '/projects'],
  ];

  it.each(routes)('%s %s is 401', async (method, at) => {
    const reply = await api.call(`${API}${at}`, { method, token: null });
    expectProblem(reply, { status: 401, code: 'unauthorized' });
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each([
    'GET //',
    'GET //api/v1/projects',
    'GET /api/v1//projects',
    'GET /api/v1/projects/',
    'GET /API/V1/PROJECTS',
    'GET /api/v1/projects/%2e%2e/targets',
    'GET /api%2Fv1/projects',
    'GET /api/v1/projects/%zz/targets',
    'GET /api/v1/projects/%ff/targets',
    'GET /health/../api/v1/projects',
    'GET /health/ready/',
    'GET /docs/../api/v1/projects',
    'GET /docs//',
    'GET /%',
    'GET *',
    'OPTIONS *',
    'GET http://other/api/v1/projects',
    'HEAD /api/v1/projects',
    'PROPFIND /api/v1/projects',
    'GET /api/v1/projects;x=/health/live',
    'GET /metrics/x',
    `GET /api/v1/projects/${'x'.repeat(12_000)}/targets`,
  ])('%s is 401 too', async (line) => {
    expect(await exchange(rawRequest(line))).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('is 401 before the body is looked at', async () => {
    const reply = await api.call(`${path}/start`, { raw: '{'.repeat(300_000), token: null });
    expectProblem(reply, { status: 401 });
  });

  it.each(['wrong', `${TOKEN}x`, TOKEN.slice(1)])('with the token %j it is 401', async (token) => {
    expectProblem(await api.call(`${API}/projects`, { token }), { status: 401 });
  });

  it.each([
    '/health/live',
    '/health/ready',
    '/metrics',
    '/openapi.json',
    '/asyncapi.json',
    '/docs',
    '/docs/swagger-ui.css',
  ])('%s answers', async (at) => {
    expect((await api.call(at, { token: null })).status).toBe(200);
  });
});

describe('a route that is not there', () => {
  it.each([
    ['GET', '/'],
    ['GET', `${API}/nothing`],
    ['PUT', `${API}/projects`],
    ['DELETE', `${API}/projects`],
    ['GET', `${API}/projects/`],
    ['GET', `${API}//projects`],
    ['GET', `${API}/projects//targets`],
    ['GET', '/docs/package.json'],
  ])('%s %s is 404 not_found', async (method, at) => {
    expectProblem(await api.call(at, { method }), { status: 404, code: 'not_found' });
  });
});

describe('HTTP that is none', () => {
  const authorized = `Authorization: Bearer ${TOKEN}`;

  it.each([
    ['garbage', 'garbage\r\n\r\n', 400],
    ['a bad version', 'GET / HTTP/9.9\r\n\r\n', 400],
    ['headers of 100 KB', rawRequest('GET /api/v1/projects', authorized, `X: ${'x'.repeat(100_000)}`), 431],
    [
      'a bad length',
      rawRequest('POST /api/v1/projects/p/targets', authorized, 'Content-Type: application/json', 'Content-Length: x'),
      400,
    ],
    [
      'two lengths',
      rawRequest('POST /api/v1/projects/p/targets', authorized, 'Content-Length: 1', 'Content-Length: 2'),
      400,
    ],
  ])('%s gets a problem', async (_what, bytes, status) => {
    const answer = await exchange(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('application/problem+json');
  });

  it('without a Host is answered', async () => {
    const answer = await exchange(`GET /api/v1/projects HTTP/1.1\r\nConnection: close\r\n${authorized}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('with the whole address in its first line is answered, and goes on there', async () => {
    for (const version of ['1', '2']) await api.call(`${path}/finish`, { body: { version } });
    const answer = await exchange(rawRequest('GET http://proxied.example/api/v1/events?limit=1', authorized));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/^link: <http:\/\/x\/api\/v1\/events\?limit=1&cursor=/im);
  });

  it('with a body that is far too large is told so, and the connection goes on', async () => {
    const length = 5_000_000;
    const large = [`POST ${path}/start HTTP/1.1`, 'Host: x', authorized, 'Content-Type: application/json'];
    const head = [...large, `Content-Length: ${length}`, '', ''].join('\r\n');
    const answer = await exchange(`${head}${'x'.repeat(length)}${rawRequest(`GET ${path}`, authorized)}`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  it('HEAD answers as GET does, without a body', async () => {
    const answer = await exchange(rawRequest(`HEAD ${path}`, authorized));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.split('\r\n\r\n')[1]).toBe('');
  });
});

describe('each answer', () => {
  it('has the headers that protect browsers, without those that suppose https', async () => {
    const { headers } = await api.call('/docs');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('says nothing of a name in a metric', async () => {
    const name = unique('secret-project');
    await api.call(`${API}/projects/${name}/targets`, { body: { key: name } });
    await api.call(`${API}/projects/${name}/nothing`);
    const { text } = await api.call('/metrics', { token: null });
    expect(text).toContain('shiplog_http_request_duration_seconds_bucket');
    expect(text).toContain('shiplog_commands_total{type="CreateTarget",outcome="accepted"}');
    expect(text).toContain('shiplog_lag_positions{kind="projection",name="current"}');
    expect(text).not.toContain('secret-project');
  });
});
