import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { deployedCommit, deployedReport, webhookPaths } from '../../../../../test/support/devlake.js';
import { speaker } from '../../../../../test/support/dialect.js';
import { API, TOKEN, unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { devlake } from './dialect.js';

const api = suiteServer();
let project: string;

const pathOf = (connection: string): string => `/api/rest/plugins/webhook/connections/${connection}/deployments`;
const ask: ReturnType<typeof speaker> = (...asked) => speaker(api.server.url, TOKEN)(...asked);
const post = (body: unknown, more: Loose = {}) => ask('POST', pathOf(project), body, more);
/** Posts what is taken. */
const report = async (more: object = {}, asked: Loose = {}): Promise<void> => {
  const said = await post(deployedReport(more), asked);
  if (said.status !== 200) throw new Error(said.body);
};
const at = (target = 'production'): string => `${API}/projects/${project}/targets/${target}`;
const reach = async (path: string): Promise<Loose> => {
  const { position } = (await api.call(`${API}/status`)).body;
  return (await api.call(`${path}${path.includes('?') ? '&' : '?'}min_position=${position}`)).body;
};
const native = async (target?: string): Promise<Loose[]> =>
  ((await reach(`${at(target)}/deployments`)).items as Loose[]).toReversed();
const statuses = async (): Promise<string[]> => (await native()).map((each) => each.status);
const send = async (path: string, body: object = {}, method = 'POST'): Promise<void> => {
  const { status, text } = await api.call(`${at()}${path}`, { method, body } as never);
  if (status >= 300) throw new Error(text);
};
const fresh = (): void => {
  project = unique('connection');
};

describe('a report', () => {
  it('becomes events at the times that it names', async () => {
    fresh();
    await report({ createdDate: '2026-01-01T11:00:00Z', displayTitle: 'Release 1.4' });
    const { items } = await reach(`${API}/events?project=${project}&limit=20`);
    expect((items as Loose[]).map((each) => [each.type, each.occurredAt]).slice(1)).toEqual([
      ['DeploymentScheduled', '2026-01-01T11:00:00.000000Z'],
      ['DeploymentStarted', '2026-01-01T12:00:00.000000Z'],
      ['DeploymentFinished', '2026-01-01T12:30:00.000000Z'],
    ]);
    expect((await native())[0]!.metadata.devlake).toEqual({
      id: 'deploy-1',
      result: 'SUCCESS',
      environment: 'PRODUCTION',
      displayTitle: 'Release 1.4',
      deploymentCommits: [
        {
          repoUrl: 'https://git.example/web-shop',
          refName: 'release-1.4',
          commitSha: '015e3d3b480e417aede5a1293bd61de9b0fd051d',
        },
      ],
    });
  });

  it('keeps a link that is none as what it is, and what commits say of themselves', async () => {
    fresh();
    const commit = { commitMsg: 'fix', result: 'FAILURE', displayTitle: 'a fix' };
    await report({ url: 'job/17', deploymentCommits: [deployedCommit(commit)] });
    const [{ status, externalLink, metadata }] = (await native()) as [Loose];
    expect([status, externalLink, metadata.devlake.url]).toEqual(['current', null, 'job/17']);
    expect(metadata.devlake.deploymentCommits).toEqual([expect.objectContaining(commit)]);
  });

  it.each<[string, object, string, string]>([
    ['nothing of it', {}, 'production', 'production'],
    ['its kind', { environment: 'STAGING' }, 'staging', 'staging'],
    ['its name, too', { environment: 'DEVELOPMENT', originalEnvironment: 'Dev 2' }, 'Dev 2', 'development'],
  ])('that says of the environment %s makes its target', async (_, more, key, environmentType) => {
    fresh();
    await report(more);
    expect(await reach(`${at(encodeURIComponent(key))}`)).toMatchObject({ key, environmentType });
  });

  it.each<[result: string, status: string]>([
    ['SUCCESS', 'current'],
    ['success', 'current'],
    ['FAILURE', 'failed'],
    ['FAILED', 'failed'],
    ['ABORT', 'canceled'],
    ['ABORTED', 'canceled'],
    ['cancelled', 'canceled'],
    ['MANUAL', 'scheduled'],
    ['', 'current'],
  ])('of %j is %s', async (result, status) => {
    fresh();
    await report({ result });
    expect(await statuses()).toEqual([status]);
  });

  it.each<[before: string, then: string, status: string]>([
    ['FAILURE', 'SUCCESS', 'current'],
    ['ABORT', 'SUCCESS', 'current'],
    ['MANUAL', 'SUCCESS', 'current'],
    ['MANUAL', 'FAILURE', 'failed'],
    ['MANUAL', 'ABORT', 'canceled'],
    ['SUCCESS', 'FAILURE', 'failed'],
    ['SUCCESS', 'ABORT', 'current'],
    ['ABORT', 'FAILURE', 'canceled'],
    ['FAILURE', 'MANUAL', 'failed'],
  ])('of %s and later of %s is one deployment, %s', async (before, then, status) => {
    fresh();
    await report({ result: before });
    await report({ result: then });
    expect(await native()).toMatchObject([{ number: 1, status, metadata: { devlake: { result: then } } }]);
  });

  it('sent again does not take back what became of it since', async () => {
    fresh();
    await report({ id: 'a', result: 'FAILURE' });
    await send('/deployments/1/finish');
    await report({ id: 'a', result: 'FAILURE' });
    expect(await statuses()).toEqual(['current']);
    await report({ id: 'b', deploymentCommits: [deployedCommit({ refName: 'next' })] });
    const { items: before } = await reach(`${API}/events?project=${project}`);
    await report({ id: 'b', deploymentCommits: [deployedCommit({ refName: 'next' })] });
    expect((await reach(`${API}/events?project=${project}`)).items).toEqual(before);
    expect(await statuses()).toEqual(['completed', 'current']);
  });

  it('sent many times at once is one deployment', async () => {
    fresh();
    await Promise.all(Array.from({ length: 8 }, () => report()));
    expect(await statuses()).toEqual(['current']);
  });

  it('by one Idempotency-Key for all is each its own', async () => {
    fresh();
    const headers = { 'idempotency-key': 'one' };
    await report({ id: 'a' }, { headers });
    await report({ id: 'b', result: 'FAILURE' }, { headers });
    expect(await statuses()).toEqual(['current', 'failed']);
  });

  it('leaves what is in progress there as it is', async () => {
    fresh();
    await report({ id: 'a' });
    await send('/start', { version: '2', commitRefs: [{ repository: 'r', branch: 'b', commit: 'c' }] });
    await report({ id: 'b' });
    expect(await native()).toMatchObject([
      { status: 'completed' },
      { status: 'deploying' },
      { status: 'current', startedAt: null },
    ]);
  });

  it('is recorded whatever the gates say, and says which it passed by', async () => {
    fresh();
    await report({ id: 'a' });
    await send('', { settings: { approvals: [{ name: 'lead', required: 1 }] } }, 'PATCH');
    await report({ id: 'b' });
    expect((await native())[1]).toMatchObject({ status: 'current', violations: ['approval_required'] });
  });

  it('of a deployment that was deleted makes it anew', async () => {
    fresh();
    await report({ result: 'FAILURE' });
    await send('/deployments/1', undefined, 'DELETE');
    await report();
    expect(await native()).toMatchObject([{ number: 2, status: 'current' }]);
  });

  it('of several commits of a branch names the last, and keeps as much as there is room for', async () => {
    fresh();
    const shas = Array.from({ length: 120 }, (_, n) => `${n}`.padStart(40, 'a'));
    const commitMsg = 'm'.repeat(400);
    await report({ deploymentCommits: shas.map((commitSha) => deployedCommit({ commitSha, commitMsg })) });
    const [made] = await native();
    expect(made!.commitRefs).toEqual([
      { repository: 'https://git.example/web-shop', branch: 'release-1.4', commit: shas.at(-1) },
    ]);
    expect(made!.metadata.devlake).toEqual({ id: 'deploy-1', result: 'SUCCESS', environment: 'PRODUCTION' });
  });

  it('of a time to come happened when it was reported', async () => {
    fresh();
    await report({ finishedDate: '2999-01-01T00:00:00Z' });
    const [made] = await native();
    expect(Date.parse(made!.finishedAt)).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  it('is taken at every address that DevLake has', async () => {
    for (const path of devlake.prefixes.flatMap((prefix) => webhookPaths.map((each) => `${prefix}${each}`))) {
      fresh();
      expect([path, (await ask('POST', path.replace(':connection', project), deployedReport())).status]).toEqual([
        path,
        200,
      ]);
      expect([path, await statuses()]).toEqual([path, ['current']]);
    }
  });
});

describe('a refusal', () => {
  const without = (name: string): Loose => ({ ...deployedReport(), [name]: undefined });
  const commit = (more: object): Loose => deployedReport({ deploymentCommits: [deployedCommit(more)] });

  it.each<[string, unknown, string]>([
    ['no id', without('id'), 'id: is required'],
    ['a long id', deployedReport({ id: 'x'.repeat(256) }), 'id: must be at most 255 characters'],
    ['an id that is no text', deployedReport({ id: {} }), 'id: must be a text'],
    ['no startedDate', without('startedDate'), 'startedDate: is required'],
    ['no finishedDate', without('finishedDate'), 'finishedDate: is required'],
    ['no time', deployedReport({ startedDate: 'soon' }), 'startedDate: must be a time as 2020-01-01T12:00:00+00:00'],
    [
      'a time of no year',
      deployedReport({ startedDate: 9e15 }),
      'startedDate: must be a time as 2020-01-01T12:00:00+00:00',
    ],
    [
      'another environment',
      deployedReport({ environment: 'prod' }),
      'environment: must be one of PRODUCTION, STAGING, TESTING, DEVELOPMENT',
    ],
    [
      'an environment that can be no target',
      deployedReport({ originalEnvironment: 'a\nb' }),
      'originalEnvironment: must be',
    ],
    ['another result', deployedReport({ result: 'MAYBE' }), 'result: must be one of SUCCESS, FAILURE, ABORT, MANUAL'],
    ['no commits', without('deploymentCommits'), 'deploymentCommits: must be a list of at least one commit'],
    [
      'an empty list',
      deployedReport({ deploymentCommits: [] }),
      'deploymentCommits: must be a list of at least one commit',
    ],
    [
      'a commit that is none',
      deployedReport({ deploymentCommits: ['abc'] }),
      'deploymentCommits[0]: must be an object',
    ],
    ['no repoUrl', commit({ repoUrl: undefined }), 'deploymentCommits[0].repoUrl: is required'],
    ['no commitSha', commit({ commitSha: '' }), 'deploymentCommits[0].commitSha: is required'],
    ['a commit not started', commit({ startedDate: null }), 'deploymentCommits[0].startedDate: is required'],
    ['a commit not finished', commit({ finishedDate: undefined }), 'deploymentCommits[0].finishedDate: is required'],
    ['a long commitSha', commit({ commitSha: 'x'.repeat(101) }), 'deploymentCommits[0].commitSha: must be'],
    ['a branch of two lines', commit({ refName: 'a\nb' }), 'deploymentCommits[0].refName: must be'],
    ['a list', [], 'body: must be an object'],
    ['no JSON', '{', 'body'],
  ])('of %s is told as DevLake tells it', async (_, body, cause) => {
    fresh();
    const said = await post(body, { headers: { 'content-type': 'application/json' } });
    expect(said).toMatchObject({ status: 400, json: { code: 0, success: false, data: null } });
    expect(said.json.causes).toEqual(expect.arrayContaining([expect.stringContaining(cause)]));
    expect(said.json.message).toContain(cause);
  });

  it.each<[string, string, Loose, number]>([
    ['no token', '/plugins/webhook/connections/1/deployments', { token: undefined }, 401],
    ['a token of nobody', '/plugins/webhook/connections/1/deployments', { token: 'nobody' }, 401],
    ['a project that can be none', '/plugins/webhook/connections/%0A/deployments', {}, 404],
    ['issues', '/api/rest/plugins/webhook/connections/1/issues', {}, 404],
    ['pull requests', '/api/rest/plugins/webhook/connections/1/pull_requests', {}, 404],
  ])('for %s is of its shape', async (_, path, more, status) => {
    const said = await ask('POST', path, deployedReport(), more);
    expect(said).toMatchObject({ status, json: { code: 0, success: false, message: expect.any(String), causes: [] } });
  });

  it('of a project out of reach makes nothing', async () => {
    fresh();
    const { token } = await tokenOf(api, { name: unique('t'), projects: ['elsewhere'], scopes: ['deployments:write'] });
    expect((await post(deployedReport(), { token })).status).toBe(404);
    const reader = await tokenOf(api, { name: unique('t'), projects: [project], scopes: ['deployments:read'] });
    expect((await post(deployedReport(), { token: reader.token })).status).toBe(403);
    expect((await api.call(at())).status).toBe(404);
    const writer = await tokenOf(api, { name: unique('t'), projects: [project], scopes: ['deployments:write'] });
    expect((await post(deployedReport(), { token: writer.token })).status).toBe(200);
  });
});
