import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { TOKEN, unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { versionerClient } from '../../../../../test/support/versioner.js';
import { exchange } from '../../../../../test/support/wire.js';

const api = suiteServer();

const { ask, product } = versionerClient(() => api);

describe('what is sent', () => {
  it.each<[string, object, object]>([
    ['numbers where texts are meant', { build_number: 42, invoke_id: 7 }, { build_number: '42', invoke_id: '7' }],
    ['nothing where something could be', { scm_sha: '', deployed_by: null }, { scm_sha: null, deployed_by: 'admin' }],
    ['a branch', { scm_sha: 'abc123def456', scm_branch: 'main' }, { scm_sha: 'abc123def456', scm_branch: 'main' }],
    ['the link of a build', { build_url: 'https://ci.example/1' }, { deploy_url: 'https://ci.example/1' }],
    [
      'a link that no browser opens',
      { deploy_url: 'vstfs:///Build/Build/7' },
      { deploy_url: 'vstfs:///Build/Build/7' },
    ],
    [
      'members that nobody knows',
      { team: 'shop', extra_metadata: { a: 1 } },
      { extra_metadata: { team: 'shop', a: 1 } },
    ],
    [
      'a time without an offset',
      { completed_at: '2026-01-01T00:00:00' },
      { completed_at: '2026-01-01T00:00:00.000000Z' },
    ],
    ['a time with one', { completed_at: '2026-01-01T01:00:00+01:00' }, { completed_at: '2026-01-01T00:00:00.000000Z' }],
    ['an address instead of a name', { deployed_by_email: 'kim@example.com' }, { deployed_by: 'kim@example.com' }],
    ['as long as it may be', { build_number: 'x'.repeat(100), scm_sha: 'a'.repeat(40) }, { status: 'completed' }],
  ])('may be %s', async (_, more, expected) => {
    const { deploy } = product();
    const { status, json } = await deploy('1', 'success', more);
    expect([status, json]).toEqual([200, expect.objectContaining({ ...expected, extra_metadata: expect.anything() })]);
    expect(json).toMatchObject(expected);
  });

  it.each([
    ['dev', 'development'],
    ['local', 'development'],
    ['qa', 'testing'],
    ['uat', 'staging'],
    ['preprod', 'staging'],
    ['production-us-east', 'production'],
    ['elsewhere', 'unmapped'],
  ])('makes %s an environment of type %s', async (environment, type) => {
    const { deploy, target } = product();
    await deploy('1', 'success', { environment_name: undefined, environment });
    expect(await target(environment)).toMatchObject({ environmentType: type });
  });

  it('may be a form, or JSON that says it is one', async () => {
    const { name } = product();
    const fields = { product_name: name, version: '1', environment_name: 'production', status: 'success' };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const raw of [new URLSearchParams(fields).toString(), JSON.stringify(fields)]) {
      const { status } = await ask('POST', '/deployment-events/', raw, { headers });
      expect(status).toBe(200);
    }
  });

  it('names the person that reports, whom the log can forget', async () => {
    const { name, deploy } = product();
    const { json } = await deploy('1', 'success', {
      deployed_by: 'kim',
      deployed_by_name: 'Kim',
      deployed_by_email: 'kim@x',
    });
    const told = await ask('GET', `/deployments/${json.id}`);
    expect(told.json).toMatchObject({ deployed_by: 'kim', deployed_by_name: 'Kim', deployed_by_email: null });
    const { items } = (await api.call(`/api/v1/events?project=${name}&type=DeploymentFinished`)).body;
    expect(items[0]).toMatchObject({ actor: { id: 'admin' }, data: { claimedBy: { id: 'kim', name: 'Kim' } } });
    expect(JSON.stringify(items[0].data.metadata)).not.toMatch(/kim/i);
  });
});

describe('what is wrong', () => {
  const whole = { product_name: 'p', version: '1', environment_name: 'production', status: 'success' };
  it.each<[string, Loose, string, string]>([
    ['no product', { product_name: undefined }, 'product_name', 'missing'],
    ['an empty product', { product_name: ' ' }, 'product_name', 'missing'],
    ['a product that is too long', { product_name: 'x'.repeat(256) }, 'product_name', 'string_too_long'],
    ['a product that can be no key', { product_name: 'x'.repeat(201) }, 'product_name', 'value_error'],
    ['no version', { version: null }, 'version', 'missing'],
    ['a version that is too long', { version: 'x'.repeat(101) }, 'version', 'string_too_long'],
    ['no environment', { environment_name: '' }, 'environment_name', 'missing'],
    ['an environment that is too long', { environment_name: 'x'.repeat(101) }, 'environment_name', 'string_too_long'],
    ['an environment that can be no key', { environment_name: ' x' }, 'environment_name', 'value_error'],
    ['the environment of builds', { environment_name: 'versioner/builds' }, 'environment_name', 'value_error'],
    ['no status', { status: undefined }, 'status', 'missing'],
    ['a status that is none', { status: 'done' }, 'status', 'enum'],
    ['a status that is too long', { status: 'x'.repeat(51) }, 'status', 'string_too_long'],
    ['a version that is a list', { version: ['1'] }, 'version', 'string_type'],
    ['a system that is too long', { source_system: 'x'.repeat(51) }, 'source_system', 'string_too_long'],
    ['a number that is too long', { build_number: 'x'.repeat(101) }, 'build_number', 'string_too_long'],
    ['a commit that is too long', { scm_sha: 'x'.repeat(41) }, 'scm_sha', 'string_too_long'],
    ['a commit that is none', { scm_sha: 'a\nb' }, 'scm_sha', 'value_error'],
    ['a branch that is too long', { scm_branch: 'x'.repeat(101) }, 'scm_branch', 'string_too_long'],
    ['a repository that is too long', { scm_repository: 'x'.repeat(501) }, 'scm_repository', 'string_too_long'],
    ['a link that is too long', { deploy_url: 'x'.repeat(501) }, 'deploy_url', 'string_too_long'],
    ['a build link that is too long', { build_url: 'x'.repeat(501) }, 'build_url', 'string_too_long'],
    ['somebody that is too long', { deployed_by: 'x'.repeat(256) }, 'deployed_by', 'string_too_long'],
    ['an address that is too long', { deployed_by_email: 'x'.repeat(256) }, 'deployed_by_email', 'string_too_long'],
    ['somebody that is none', { deployed_by: 'a\nb' }, 'deployed_by', 'value_error'],
    ['a run that is too long', { invoke_id: 'x'.repeat(256) }, 'invoke_id', 'string_too_long'],
    ['a name that is too long', { deployed_by_name: 'x'.repeat(256) }, 'deployed_by_name', 'string_too_long'],
    ['a time that is none', { completed_at: 'yesterday' }, 'completed_at', 'datetime_parsing'],
    ['a time to come', { completed_at: '2100-01-01T00:00:00Z' }, 'completed_at', 'value_error'],
    ['a flag that is none', { skip_preflight_checks: 'perhaps' }, 'skip_preflight_checks', 'bool_type'],
    ['metadata that is a list', { extra_metadata: [] }, 'extra_metadata', 'dict_type'],
    ['metadata that is too much', { extra_metadata: { a: 'x'.repeat(20_000) } }, 'extra_metadata', 'value_error'],
    ['metadata that is far too much', { extra_metadata: { a: 'x'.repeat(103_000) } }, 'extra_metadata', 'value_error'],
  ])('is told of %s', async (_, more, name, type) => {
    const { status, json, headers } = await ask('POST', '/deployment-events/', { ...whole, ...more });
    expect([status, headers['content-type']]).toEqual([422, 'application/json; charset=utf-8']);
    expect(json).toEqual({
      detail: [{ loc: ['body', name], msg: expect.any(String), type }],
      message: expect.stringContaining(name),
      error: 'validation_error',
    });
  });

  const json = { 'content-type': 'application/json' };
  type Fault = Readonly<{ what: string; sent: [string, string, Loose]; told: [number, unknown] }>;
  const faulty = (loc: readonly string[]) => [expect.objectContaining({ loc })];
  const events = '/deployment-events/';
  const faults: Fault[] = [
    {
      what: 'bad JSON',
      sent: ['POST', events, { body: '{', headers: json }],
      told: [400, 'Invalid JSON in request body'],
    },
    { what: 'a list', sent: ['POST', '/build-events/', { body: [] }], told: [422, faulty(['body', ''])] },
    { what: 'nothing', sent: ['POST', '/version-events/', {}], told: [422, faulty(['body', ''])] },
    {
      what: 'no token',
      sent: ['GET', '/deployments/', { token: undefined }],
      told: [401, 'Invalid authentication credentials'],
    },
    {
      what: 'a token of nobody',
      sent: ['POST', events, { token: 'x', body: {} }],
      told: [401, 'Invalid authentication credentials'],
    },
    { what: 'no route', sent: ['GET', '/deployments/1/logs', {}], told: [404, 'Not found'] },
    { what: 'a method that is not there', sent: ['GET', events, {}], told: [404, 'Not found'] },
    { what: 'a product to be made', sent: ['POST', '/products/', { body: { name: 'x' } }], told: [404, 'Not found'] },
    { what: 'too much', sent: ['POST', events, { body: { a: 'x'.repeat(300_000) } }], told: [413, expect.any(String)] },
    {
      what: 'another type',
      sent: ['POST', events, { body: '<a/>', headers: { 'content-type': 'text/xml' } }],
      told: [415, expect.any(String)],
    },
    {
      what: 'a key that is none',
      sent: ['POST', events, { body: whole, headers: { 'idempotency-key': 'shiplog:1' } }],
      told: [422, faulty(['header', 'Idempotency-Key'])],
    },
  ];
  it.each(faults)('is told of $what as detail, and beside it', async ({ sent: [method, path, more], told }) => {
    const { body, ...rest } = more;
    const [status, detail] = told;
    const answered = await ask(method, path, body, rest);
    expect([answered.status, answered.headers['content-type']]).toEqual([status, 'application/json; charset=utf-8']);
    expect(answered.json).toEqual({ detail, message: expect.any(String), error: expect.any(String) });
  });
});

it('tells whoever asks that it is healthy', async () => {
  const { status, body } = await exchange(api.server.url, { path: '/health' });
  expect([status, JSON.parse(body)]).toEqual([200, { status: 'healthy' }]);
});

describe('a token', () => {
  it('reports of the products that it reaches, with the scope for it', async () => {
    const [mine, other] = [unique('mine'), unique('other')];
    const { token } = await tokenOf(api, { name: unique('ci'), projects: [mine] });
    const { token: reader } = await tokenOf(api, {
      name: unique('pat'),
      projects: [mine],
      scopes: ['deployments:read'],
    });
    const send = (product_name: string, by: string): Promise<Loose> =>
      ask(
        'POST',
        '/deployment-events/',
        { product_name, version: '1', environment_name: 'qa', status: 'success' },
        { token: by },
      );
    expect((await send(mine, token)).status).toBe(200);
    expect(await send(other, token)).toMatchObject({ status: 404, json: { detail: 'Not found' } });
    expect(await send(mine, reader)).toMatchObject({
      status: 403,
      json: { detail: 'You do not have permission to perform this action' },
    });
    expect((await ask('GET', '/deployments/', undefined, { token: reader })).json).toHaveLength(1);
  });

  it('comes by any scheme', async () => {
    for (const headers of [{ authorization: `bearer ${TOKEN}` }, { authorization: `Basic ${btoa(`x:${TOKEN}`)}` }])
      expect((await exchange(api.server.url, { path: '/products/', headers })).status).toBe(200);
  });

  it('that does not administer skips no checks', async () => {
    const name = unique('product');
    const { token } = await tokenOf(api, { name: unique('ci'), projects: [name] });
    const start = (version: string): Promise<Loose> => {
      const body = {
        product_name: name,
        version,
        environment_name: 'qa',
        status: 'started',
        skip_preflight_checks: true,
      };
      return ask('POST', '/deployment-events/', body, { token });
    };
    expect([(await start('1')).status, (await start('2')).status]).toEqual([200, 409]);
  });
});
