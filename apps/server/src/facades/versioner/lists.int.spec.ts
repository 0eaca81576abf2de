import { beforeAll, describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { speaker } from '../../../../../test/support/dialect.js';
import { unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { versionerClient } from '../../../../../test/support/versioner.js';

const api = suiteServer();
/** Asks as somebody who sees the two products of these tests and nothing else. */
let ask: ReturnType<typeof speaker>;
const [shop, blog] = [unique('shop'), unique('blog')];
const made: Record<string, Loose> = {};
beforeAll(async () => {
  const { token } = await tokenOf(api, { name: unique('ci'), projects: [shop, blog] });
  ask = speaker(api.server.url, token);
  const client = versionerClient(() => api);
  await client.product().deploy('9', 'completed');
  const [s, b] = [client.product(shop), client.product(blog)];
  made['build'] = (await s.build('1', 'completed', { scm_sha: 'a'.repeat(40), built_by: 'kim' })).json;
  made['first'] = (await s.deploy('1', 'completed', { deployed_by: 'kim', deployed_by_name: 'Kim' })).json;
  made['second'] = (await s.deploy('2', 'started', { environment_name: 'staging' })).json;
  made['blog'] = (await b.deploy('1', 'failed')).json;
  const native = { body: { version: '3', commitRefs: [{ repository: 'r', branch: 'main', commit: 'c'.repeat(40) }] } };
  const { deployment } = (await api.call(`/api/v1/projects/${shop}/targets/production/finish`, native)).body;
  made['native'] = deployment;
  await settled();
});

describe('deployments', () => {
  it('are listed newest first, as they were reported in whichever way', async () => {
    const { status, json } = await ask('GET', '/deployments/');
    expect(status).toBe(200);
    expect(json.map(({ product_name, version, status: said }: Loose) => [product_name, version, said])).toEqual([
      [shop, '3', 'completed'],
      [blog, '1', 'failed'],
      [shop, '2', 'started'],
      [shop, '1', 'completed'],
    ]);
    expect(json[0]).toMatchObject({
      scm_sha: 'c'.repeat(40),
      scm_branch: 'main',
      scm_repository: 'r',
      deployed_by: 'admin',
    });
    expect(json[3]).toMatchObject({ deployed_by: 'kim', deployed_by_name: 'Kim' });
  });

  it('are narrowed by name, by id and by status, and come in windows', async () => {
    const versionsOf = async (query: string): Promise<string[]> =>
      (await ask('GET', `/deployments/?${query}`)).json.map(({ version }: Loose) => version);
    const { first } = made;
    expect(await versionsOf(`product_name=${blog}`)).toEqual(['1']);
    expect(await versionsOf(`product_id=${first.product_id}`)).toEqual(['3', '2', '1']);
    expect(await versionsOf('environment_name=staging')).toEqual(['2']);
    expect(await versionsOf(`environment_id=${first.environment_id}&product_id=${first.product_id}`)).toEqual([
      '3',
      '1',
    ]);
    expect(await versionsOf(`version_id=${first.version_id}`)).toEqual(['1']);
    expect(await versionsOf('version=1')).toEqual(['1', '1']);
    expect(await versionsOf('status=success')).toEqual(['3', '1']);
    expect(await versionsOf('limit=2&skip=1')).toEqual(['1', '2']);
    expect(await versionsOf(`limit=0`)).toEqual([]);
    for (const nobody of [
      'product_id=x',
      `version_id=${first.id}`,
      `environment_id=${first.product_id}`,
      'product_name=x',
      'product_name=%00',
      'environment_name=a%00b',
      'version=%00',
    ])
      expect([nobody, await versionsOf(nobody)]).toEqual([nobody, []]);
    for (const wrong of ['limit=x', 'skip=-1', 'status=done'])
      expect((await ask('GET', `/deployments/?${wrong}`)).json.detail[0].loc).toEqual(['query', wrong.split('=')[0]]);
  });

  it('are found by their ids', async () => {
    for (const path of [`/deployments/${made['first'].id}`, `/deployments/${made['first'].id.toUpperCase()}/`])
      expect((await ask('GET', path)).json).toMatchObject({ id: made['first'].id, version: '1', deployed_by: 'kim' });
    const native = await ask('GET', `/deployments/${made['native'].id}`);
    expect(native.json).toMatchObject({ version: '3', status: 'completed' });
    for (const nothing of [made['build'].id, made['first'].product_id, 'x', '0'])
      expect((await ask('GET', `/deployments/${nothing}`)).status).toBe(404);
    expect((await ask('GET', `/builds/${made['first'].id}`)).status).toBe(404);
    const elsewhere = (await versionerClient(() => api).ask('GET', '/deployments/?version=9')).json[0];
    expect((await ask('GET', `/deployments/${elsewhere.id}`)).status).toBe(404);
  });
});

describe('the catalog', () => {
  it('has products, by id and by name', async () => {
    const { json } = await ask('GET', '/products/');
    expect(json).toEqual(
      [blog, shop].map((name) => ({ id: expect.any(String), product_id: expect.any(String), name })),
    );
    expect((await ask('GET', '/products/?skip=1&limit=1')).json).toEqual([json[1]]);
    for (const catalog of ['products', 'environments', 'versions'])
      expect((await ask('GET', `/${catalog}/?product_name=${shop}&limit=0`)).json).toEqual([]);
    for (const id of [made['first'].product_id, shop])
      expect((await ask('GET', `/products/${id}`)).json).toEqual(json[1]);
    for (const nothing of ['nothing', '%00', encodeURIComponent(' x')])
      expect((await ask('GET', `/products/${nothing}`)).json).toMatchObject({ detail: 'Not found' });
  });

  it('has environments of all products, and not the builds', async () => {
    const { json } = await ask('GET', '/environments/');
    expect(json.map(({ name, type }: Loose) => [name, type])).toEqual([
      ['production', 'production'],
      ['staging', 'staging'],
    ]);
    expect((await ask('GET', `/environments/${made['first'].environment_id}`)).json).toEqual(json[0]);
    expect((await ask('GET', '/environments/staging/')).json).toEqual(json[1]);
    for (const nothing of [made['first'].id, '%00', 'a%00b'])
      expect((await ask('GET', `/environments/${nothing}`)).status).toBe(404);
  });

  it('has the versions of a product, with their builds where there were any', async () => {
    const { json } = await ask('GET', `/versions/?product_id=${made['first'].product_id}`);
    expect(json.map(({ version, status }: Loose) => [version, status])).toEqual([
      ['3', null],
      ['2', null],
      ['1', 'completed'],
    ]);
    expect(json[2]).toMatchObject({ id: made['first'].version_id, scm_sha: 'a'.repeat(40), product_name: shop });
    expect((await ask('GET', `/versions/${made['build'].version_id}`)).json).toEqual(json[2]);
    expect((await ask('GET', `/versions/?product_name=${shop}&version=2`)).json).toEqual([json[1]]);
    expect((await ask('GET', `/versions/${made['first'].product_id}`)).status).toBe(404);
    expect((await ask('GET', '/versions/')).status).toBe(422);
    expect((await ask('GET', '/versions/?product_name=nothing')).json).toEqual([]);
  });
});

it('the links that clients print lead to what they name', async () => {
  const { first, build } = made;
  const to = async (path: string): Promise<string | undefined> =>
    (await ask('GET', path)).headers['location'] as string;
  expect(await to(`/manage/deployments?view=${first.id}`)).toMatch(/^http:.*\/api\/v1\/deployments\/\d+$/);
  for (const path of [
    `/manage/versions?view=${build.version_id}`,
    `/manage/catalog?tab=versions&view=${build.version_id}`,
  ]) {
    const { pathname } = new URL((await to(path))!);
    expect((await ask('GET', pathname)).json).toMatchObject({ version: '1', status: 'completed' });
  }
  for (const path of ['/manage/deployments', '/manage/deployments?view=x', '/manage/versions'])
    expect((await ask('GET', path)).status).toBe(404);
});

/** Waits until every view has seen all that happened. */
async function settled(): Promise<void> {
  const { position } = (await api.call('/api/v1/status')).body;
  await api.call(`/api/v1/deployments?min_position=${position}`);
  await api.call(`/api/v1/current?min_position=${position}`);
}
