import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { startServer } from '../../server.js';
import { until } from '../../../../../test/support/until.js';
import { versionerClient } from '../../../../../test/support/versioner.js';
import { FacadeCommands } from '../facade-commands.js';

const api = suiteServer({}, startServer);

const { ask, product } = versionerClient(() => api);
const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const run = (invoke_id: string) => ({ invoke_id });

describe('a deployment', () => {
  it('is pending, starts and is completed as one, and is current natively', async () => {
    const { name, deploy, current, history } = product();
    const sent = {
      source_system: 'github',
      build_number: '42',
      scm_sha: SHA,
      scm_repository: 'octocat/svc',
      deploy_url: 'https://ci.example/42',
      deployed_by: 'octocat',
      deployed_by_name: 'The Octocat',
      deployed_by_email: 'octocat@example.com',
      extra_metadata: { vi_gh_ref: 'refs/heads/main', ticket: 'X-1' },
      ...run('42'),
    };
    const told: Loose[] = [];
    for (const status of ['queued', 'In_Progress ', 'success']) told.push(await deploy('1.2.3', status, sent));
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(told.map(({ json }) => json.status)).toEqual(['pending', 'started', 'completed']);
    expect(new Set(told.map(({ json }) => json.id)).size).toBe(1);
    const { json } = told[2];
    for (const id of ['id', 'deployment_id', 'event_id', 'product_id', 'version_id', 'environment_id'])
      expect([id, json[id]]).toEqual([id, expect.stringMatching(UUID)]);
    expect(json).toMatchObject({
      product_name: name,
      version: '1.2.3',
      environment_name: 'production',
      deployed_by: 'octocat',
      deployed_by_name: 'The Octocat',
      deployed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      completed_at: expect.any(String),
      extra_metadata: { ticket: 'X-1', preflight_status: { rules_evaluated: [] } },
    });
    expect(await history()).toHaveLength(1);
    expect(await current()).toMatchObject({
      status: 'current',
      version: '1.2.3',
      commitRefs: [{ repository: 'octocat/svc', branch: 'refs/heads/main', commit: SHA }],
      externalLink: { url: 'https://ci.example/42' },
      actor: { id: 'admin', kind: 'service' },
    });
  });

  it.each([
    ['the same run', run('7'), run('7')],
    ['no run', {}, {}],
    ['a run that ends what another began', run('7'), run('8')],
    ['a run that ends what none began', {}, run('8')],
  ])('that was started is ended by %s', async (_, began, ended) => {
    const { deploy, history } = product();
    const { json: first } = await deploy('1', 'started', began);
    const { json: second } = await deploy('1', 'completed', ended);
    expect(second.id).toBe(first.id);
    expect((await history()).map(({ status }) => status)).toEqual(['current']);
  });

  it.each<[string, string[], string[]]>([
    ['completed', ['completed', 'success'], ['current']],
    ['failed', ['failed', 'error'], ['failed']],
    ['aborted', ['aborted', 'canceled'], ['canceled']],
    ['started', ['started', 'deploying'], ['deploying']],
    ['pending', ['pending', 'queued'], ['scheduled']],
    ['started and failed', ['started', 'failed', 'failed'], ['failed']],
    ['started and aborted', ['started', 'cancelled', 'abort'], ['canceled']],
    ['failed, and then completed', ['failed', 'completed'], ['current', 'failed']],
    ['aborted, and then completed', ['aborted', 'completed'], ['current']],
    ['completed, pending too late', ['started', 'pending', 'completed', 'completed'], ['current']],
  ])('reported as %s twice over is that once', async (_, statuses, expected) => {
    for (const by of [{}, run('1')]) {
      const { deploy, history } = product();
      for (const status of statuses) expect((await deploy('1', status, by)).status).toBe(200);
      expect((await history()).map(({ status }) => status)).toEqual(expected);
    }
  });

  it.each([
    ['by its run is that once', run('1'), ['current']],
    ['without a run is two', {}, ['current', 'completed']],
  ])('whose whole story comes twice %s', async (_, by, expected) => {
    const { deploy, history } = product();
    for (const status of ['pending', 'started', 'completed', 'pending', 'started', 'completed'])
      expect((await deploy('1', status, by)).status).toBe(200);
    expect((await history()).map(({ status }) => status)).toEqual(expected);
  });

  it('of the same run is completed once, also after another took its place', async () => {
    const { deploy, current } = product();
    const first = { ...run('1'), completed_at: '2026-01-01T00:00:00Z' };
    const { json } = await deploy('1', 'completed', first);
    await deploy('2', 'completed', run('2'));
    const { json: again } = await deploy('1', 'completed', first);
    expect(again).toMatchObject({ id: json.id, status: 'completed' });
    expect((await current()).version).toBe('2');
  });

  it.each<[string, object, object]>([
    ['by another run', run('1'), run('3')],
    ['without a run', {}, {}],
    [
      'by the same run at another time',
      { ...run('1'), completed_at: '2026-01-01T00:00:00Z' },
      { ...run('1'), completed_at: '2026-01-02T00:00:00Z' },
    ],
    [
      'by another try of the run',
      { ...run('1'), extra_metadata: { vi_gh_run_attempt: '1' } },
      { ...run('1'), extra_metadata: { vi_gh_run_attempt: '2' } },
    ],
  ])('of a version that was replaced is a new one %s', async (_, first, again) => {
    const { deploy, current, history } = product();
    await deploy('1', 'completed', first);
    await deploy('2', 'completed', run('2'));
    await deploy('1', 'completed', again);
    expect((await current()).version).toBe('1');
    expect(await history()).toHaveLength(3);
  });

  it('that is reported late recovers', async () => {
    const { deploy, set, native, current } = product();
    await set({ failing: { enabled: true, afterMinutes: 0.001 } });
    const { json } = await deploy('1', 'started', run('1'));
    const page = await until(async () => {
      const seen = (await ask('GET', `/deployments/${json.id}`)).json;
      return seen.status === 'failed' && seen;
    });
    expect(page).toMatchObject({ id: json.id, status: 'failed' });
    expect((await deploy('1', 'completed', run('1'))).json).toMatchObject({ id: json.id, status: 'completed' });
    expect(await current()).toMatchObject({ number: 1, version: '1' });
    expect((await native('/deployments/1/retire')).status).toBe(200);
  });

  it('that was current can be reported as failed, by its own run alone', async () => {
    const { deploy, history } = product();
    await deploy('1', 'completed', run('1'));
    await deploy('1', 'failed', run('2'));
    expect((await history()).map(({ status }) => status)).toEqual(['failed', 'current']);
    await deploy('1', 'failed', { ...run('1'), extra_metadata: { error: 'It fell over' } });
    expect((await history()).map(({ status, failureReason }) => [status, failureReason])).toEqual([
      ['failed', 'failed'],
      ['failed', 'It fell over'],
    ]);
  });

  it('is not taken for another of the same branch', async () => {
    const { deploy, history } = product();
    const from = (scm_sha: string) => ({ scm_branch: 'main', scm_sha });
    await deploy('2', 'started', { ...run('2'), ...from('b'.repeat(40)) });
    await deploy('3', 'completed', { ...run('3'), ...from('c'.repeat(40)) });
    expect(
      (await history()).map(({ version, status, commitRefs }) => [version, status, commitRefs[0].commit[0]]),
    ).toEqual([
      ['3', 'current', 'c'],
      ['2', 'deploying', 'b'],
    ]);
  });
});

describe('many at once', () => {
  it('of the same report make one deployment', async () => {
    for (const status of ['pending', 'started', 'completed', 'failed']) {
      const { deploy, history } = product();
      const told = await Promise.all(Array.from({ length: 6 }, () => deploy('1', status, run('1'))));
      expect(told.map((each) => each.status)).toEqual(told.map(() => 200));
      expect(new Set(told.map(({ json }) => json.id)).size).toBe(1);
      expect(await history()).toHaveLength(1);
    }
  });

  it('that start let one begin', async () => {
    const { deploy, history } = product();
    const told = await Promise.all(Array.from({ length: 20 }, (_, n) => deploy(`1.${n}`, 'started', run(String(n)))));
    expect(told.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
    expect((await history()).filter(({ status }) => status === 'deploying')).toHaveLength(1);
  });
});

it('a key that the client chooses has one outcome', async () => {
  const { name, history } = product();
  const body = { product_name: name, version: '1', environment_name: 'production', status: 'completed' };
  const headers = { 'idempotency-key': 'mine' };
  const first = await ask('POST', '/deployment-events/', body, { headers });
  await ask('POST', '/deployment-events', { ...body, version: '2' });
  const again = await ask('POST', '/deployment-events', body, { headers });
  expect([again.status, again.json]).toEqual([200, first.json]);
  expect((await ask('POST', '/deployment-events/', { ...body, version: '3' }, { headers })).status).toBe(422);
  expect(await history()).toHaveLength(2);
});

describe('what somebody else cancels between the decision and the command', () => {
  afterEach(() => void jest.restoreAllMocks());

  /** Reports a start of what was planned, and is canceled meanwhile. */
  const overtaken = async (headers: Record<string, string>) => {
    const { name, deploy, native, history } = product();
    await deploy('1', 'pending');
    jest.spyOn(FacadeCommands.prototype, 'send').mockImplementationOnce(async function (this: FacadeCommands, ...sent) {
      await native('/deployments/1/cancel');
      return this.send(...sent);
    });
    const body = { product_name: name, version: '1', environment_name: 'production', status: 'started' };
    const report = () => ask('POST', '/deployment-events/', body, { headers });
    return { told: await report(), report, history };
  };

  it('is begun anew', async () => {
    const { told, history } = await overtaken({});
    expect([told.status, told.json.status]).toEqual([200, 'started']);
    expect((await history()).map(({ status }) => status)).toEqual(['deploying', 'canceled']);
  });

  it('is refused at once where the client chose the key, whose outcome that is', async () => {
    const { told, report, history } = await overtaken({ 'idempotency-key': 'mine' });
    expect([told.status, told.json.error]).toEqual([422, 'not_allowed_from']);
    expect(await report()).toMatchObject({ status: 422, json: told.json });
    expect((await history()).map(({ status }) => status)).toEqual(['canceled']);
  });
});
