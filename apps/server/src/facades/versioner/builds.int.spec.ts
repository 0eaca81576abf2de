import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { startTestServer, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { until } from '../../../../../test/support/until.js';
import { versionerClient } from '../../../../../test/support/versioner.js';

const api = suiteServer();

const { ask, product } = versionerClient(() => api);
const [SHA, OTHER] = ['a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d', 'b84d88e7554fc1fa21bcbc4efae3c782a70d2b9d'];
const BUILDS = 'versioner/builds';

describe('a build', () => {
  it('is pending, starts and is completed as one, and is the last one natively', async () => {
    const { name, build, history } = product();
    const sent = {
      build_number: '7',
      build_url: 'https://ci.example/7',
      scm_sha: SHA,
      scm_branch: 'main',
      built_by: 'ci',
    };
    const told: Loose[] = [];
    for (const status of ['queued', 'building', 'built']) told.push(await build('1.0.0', status, sent));
    expect(told.map(({ status, json }) => [status, json.status])).toEqual([
      [200, 'pending'],
      [200, 'started'],
      [200, 'completed'],
    ]);
    const { json } = told[2];
    expect(told.every((each) => each.json.id === json.id)).toBe(true);
    expect(json).toMatchObject({
      product_name: name,
      version: '1.0.0',
      build_number: '7',
      build_url: 'https://ci.example/7',
      built_by: 'ci',
      scm_sha: SHA,
      scm_branch: 'main',
      started_at: expect.any(String),
      completed_at: expect.any(String),
    });
    expect((await ask('GET', `/builds/${json.id}/`)).json).toEqual(json);
    expect(await history(BUILDS)).toEqual([
      expect.objectContaining({
        status: 'current',
        version: '1.0.0',
        commitRefs: [{ repository: name, branch: 'main', commit: SHA }],
      }),
    ]);
  });

  it('goes on beside others, each to its own end', async () => {
    const { name, build, history } = product();
    for (const version of ['1', '2', '3', '4']) await build(version, 'started', { scm_branch: 'main', scm_sha: SHA });
    await build('3', 'completed');
    await build('1', 'failed', { error_message: 'It does not compile' });
    await build('2', 'skipped');
    expect((await history(BUILDS)).map(({ version, status }) => [version, status])).toEqual([
      ['4', 'scheduled'],
      ['3', 'current'],
      ['2', 'canceled'],
      ['1', 'failed'],
    ]);
    const { json: builds } = await ask('GET', `/builds/?product_name=${(await history(BUILDS))[0]!.project}`);
    expect(builds.map(({ version, status }: Loose) => [version, status])).toEqual([
      ['4', 'started'],
      ['3', 'completed'],
      ['2', 'aborted'],
      ['1', 'failed'],
    ]);
    for (const [status, versions] of [
      ['started', ['4']],
      ['pending', []],
      ['completed', ['3']],
    ] as const) {
      const { json } = await ask('GET', `/builds/?product_name=${name}&status=${status}`);
      expect(json.map(({ version }: Loose) => version)).toEqual(versions);
    }
  });

  it('says of which commit its version is, where a deployment does not', async () => {
    const { name, build, deploy, current } = product();
    await build('1', 'completed', { scm_sha: SHA, scm_branch: 'main', scm_repository: 'o/r' });
    const { json } = await deploy('1', 'completed');
    expect([json.scm_sha, (await current()).commitRefs]).toEqual([
      SHA,
      [{ repository: 'o/r', branch: 'main', commit: SHA }],
    ]);
    const went = await api.call(`/api/v1/commits/${SHA}/deployments`);
    expect(went.body.items.filter(({ project }: Loose) => project === name)).toHaveLength(2);
  });

  it('of the first clients says no status, and is sent to another address', async () => {
    const { name } = product();
    const sent = { product_name: name, version: '1', built_at: '2026-01-01T00:00:00Z', scm_sha: SHA };
    const { status, json } = await ask('POST', '/version-events/', sent);
    expect([status, json]).toEqual([
      200,
      expect.objectContaining({
        status: 'completed',
        version_id: expect.any(String),
        product_id: expect.any(String),
        created_at: expect.any(String),
        completed_at: '2026-01-01T00:00:00.000000Z',
      }),
    ]);
  });
});

it('A build by somebody that can be nobody is refused', async () => {
  const { status, json } = await product().build('1', 'completed', { built_by: 'a\nb' });
  expect([status, json.detail]).toEqual([422, [expect.objectContaining({ loc: ['body', 'built_by'] })]]);
});

describe('a version of another commit', () => {
  const refusal = (version: string) => ({
    status: 409,
    json: {
      detail: `Version ${version} already exists with different SHA`,
      message: expect.any(String),
      error: expect.any(String),
    },
  });
  it('is refused, wherever it is reported', async () => {
    const { build, deploy, history } = product();
    await build('1', 'completed', { scm_sha: SHA });
    expect(await build('1', 'completed', { scm_sha: OTHER })).toMatchObject(refusal('1'));
    for (const status of ['pending', 'started', 'completed', 'failed', 'aborted'])
      expect(await deploy('1', status, { scm_sha: OTHER })).toMatchObject(refusal('1'));
    expect((await deploy('1', 'started', { scm_sha: SHA.slice(0, 8).toUpperCase() })).status).toBe(200);
    expect(await deploy('1', 'completed', { scm_sha: OTHER })).toMatchObject(refusal('1'));
    expect((await history()).map(({ status }) => status)).toEqual(['deploying']);
  });

  it('is refused by what another process was told, too, also of a product that it is told of all the time', async () => {
    const { build, deploy } = product();
    const { json } = await build('1', 'completed', { scm_sha: SHA });
    const other = await startTestServer(api.database);
    try {
      const elsewhere = versionerClient(() => other).product(json.product_name);
      for (const version of ['2', '3', '4', '5', '6']) await elsewhere.deploy(version, 'completed', { scm_sha: OTHER });
      await build('7', 'completed', { scm_sha: SHA });
      const { position } = (await api.call('/api/v1/status')).body;
      await until(async () =>
        (await api.call('/api/v1/status')).body.projections.every((each: Loose) => each.position >= position),
      );
      await setTimeout(1_000);
      for (const version of ['1', '7'])
        expect(await elsewhere.deploy(version, 'completed', { scm_sha: OTHER })).toMatchObject(refusal(version));
    } finally {
      await other.server.close();
    }
    expect((await deploy('1', 'completed')).status).toBe(200);
  });

  it('is another one in another product', async () => {
    expect((await product().deploy('1', 'completed', { scm_sha: SHA })).status).toBe(200);
    expect((await product().deploy('1', 'completed', { scm_sha: OTHER })).status).toBe(200);
  });
});
