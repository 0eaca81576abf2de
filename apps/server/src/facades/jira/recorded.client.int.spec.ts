import { describe, expect, it } from '@jest/globals';
import { jiraClient, type Named } from '../../../../../test/support/jira.js';
import { API, TOKEN, unique, type Loose, currentIn } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';
import { exchange, type Answered } from '../../../../../test/support/wire.js';

const api = storyServer();

const { native, pathOf, ask } = jiraClient(() => api);
const json = { accept: 'application/json', 'content-type': 'application/json' };
type Sent = Readonly<{ method?: string; path: string; headers?: Record<string, string>; body?: unknown }>;

/** What a client reads of an answer, which it takes for JSON. */
const say = async (sent: Sent): Promise<Answered & { json: Loose }> => {
  const answered = await exchange(api.server.url, sent);
  if (answered.body !== '') expect(answered.headers['content-type']).toBe('application/json; charset=utf-8');
  return { ...answered, json: answered.body === '' ? undefined : JSON.parse(answered.body) };
};

describe('the requests of', () => {
  it('the Jenkins plugin are answered as it reads them', async () => {
    const job = `team/${unique('job')} » main`;
    const one: Named = { pipeline: job, environment: 'prod-1', sequence: 41 };
    // FormBody of okhttp, and its answer to it.
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'okhttp/3.12.13' };
    const credentials = { audience: 'api.stg.atlassian.com', client_id: 'the-id', client_secret: TOKEN };
    const body = new URLSearchParams({ ...credentials, grant_type: 'client_credentials' }).toString();
    const token = (await say({ method: 'POST', path: '/oauth/token', headers: form, body })).json.access_token;
    const { cloudId } = (await say({ path: '/_edge/tenant_info' })).json;
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'okhttp/3.12.13',
    };
    const report = (state: string, updateSequenceNumber: number, commands: object) => ({
      properties: { source: 'jenkins', jenkinsServerUuid: 'b0c2' },
      providerMetadata: { product: 'jenkins' },
      deployments: [
        {
          deploymentSequenceNumber: 41,
          updateSequenceNumber,
          associations: [{ associationType: 'issueIdOrKeys', values: ['TEST-123'] }],
          displayName: '#41',
          url: 'http://jenkins.example:8080/job/team/job/main/41/',
          description: '#41',
          lastUpdated: '2026-03-01T10:00:00.123456Z',
          label: '#41',
          state,
          pipeline: { id: job, displayName: job, url: 'http://jenkins.example:8080/job/team/job/main/' },
          environment: { id: 'prod-1', displayName: 'Production', type: 'production' },
          commands,
          schemaVersion: '1.0',
        },
      ],
    });
    const base = `/jira/deployments/0.1/cloud/${cloudId}`;
    const post = (sent: object) => say({ method: 'POST', path: `${base}/bulk`, headers, body: sent });
    const planned = await post(report('pending', 1772359200, { command: 'initiate_deployment_gating' }));
    expect([planned.status, planned.json]).toMatchObject([
      202,
      { acceptedDeployments: [expect.anything()], rejectedDeployments: [], unknownAssociations: [] },
    ]);
    const gate = `${base}/pipelines/${encodeURIComponent(job)}/environments/prod-1/deployments/41/gating-status`;
    expect((await ask('GET', pathOf(one))).json.commands).toEqual([{ command: 'initiate_deployment_gating' }]);
    expect((await say({ path: gate, headers })).json).toMatchObject({ gatingStatus: 'allowed', details: [] });
    await post(report('in_progress', 1772359201, {}));
    await post(report('successful', 1772359230, {}));
    expect(await native(one)).toEqual([
      expect.objectContaining({
        status: 'current',
        version: '#41',
        metadata: { jira: expect.objectContaining({ product: 'jenkins', updateSequenceNumber: '1772359230' }) },
      }),
    ]);
    expect(await currentIn(api, job)).toEqual({ 'prod-1': '#41' });
  });

  it('HighwayThree/jira-upload-deployment-info are answered as it reads them', async () => {
    const pipeline = `octocat/${unique('repo')} Deploy it`;
    const credentials = { audience: 'api.atlassian.com', grant_type: 'client_credentials', client_id: 'x' };
    const body = { ...credentials, client_secret: TOKEN };
    const token = (await say({ method: 'POST', path: '/oauth/token', headers: json, body })).json.access_token;
    const { cloudId } = (await say({ path: '/_edge/tenant_info' })).json;
    const report = (state: string) => ({
      deployments: [
        {
          schemaVersion: '1.0',
          deploymentSequenceNumber: '7014571070',
          updateSequenceNumber: '7014571070',
          issueKeys: [''],
          displayName: '',
          url: 'https://github.com/octocat/repo/actions/runs/7014571070',
          description: '',
          lastUpdated: '2026-03-01T10:00:00Z',
          label: '',
          state,
          pipeline: { id: pipeline, displayName: 'Workflow: Deploy it (#3)', url: 'https://github.com/octocat/repo' },
          environment: { id: 'prod', displayName: 'prod', type: 'production' },
        },
      ],
    });
    const headers = { ...json, authorization: `Bearer ${token}` };
    const path = `/jira/deployments/0.1/cloud/${cloudId}/bulk`;
    const rejected = (await say({ method: 'POST', path, headers, body: report('done') })).json;
    // It joins the messages, and fails the job with them.
    expect(rejected.rejectedDeployments[0].errors.map(({ message }: Loose) => message).join(',')).toBe(
      'deployments[0].state: must be one of unknown, pending, in_progress, cancelled, failed, rolled_back, successful',
    );
    const taken = (await say({ method: 'POST', path, headers, body: report('successful') })).json;
    expect(taken.rejectedDeployments).toEqual([]);
    const one: Named = { pipeline, environment: 'prod', sequence: '7014571070' };
    expect(await native(one)).toEqual([expect.objectContaining({ status: 'current', version: '7014571070' })]);
    expect(await currentIn(api, pipeline)).toEqual({ prod: '7014571070' });
  });

  it('GitHub-for-Jira are answered as it reads them', async () => {
    const environment = unique('env');
    const headers = { ...json, authorization: `JWT ${TOKEN}`, 'user-agent': 'axios/0.26.1' };
    const installation = unique('i');
    const report = (state: string, updateSequenceNumber: number) => ({
      deployments: [
        {
          schemaVersion: '1.0',
          deploymentSequenceNumber: 500226426,
          updateSequenceNumber,
          displayName: '[TEST-123] test-commit-message',
          url: 'https://github.com/o/r/commit/51e16759cdac67b0d2a94e0674c9603b75a840f6/checks',
          description: 'deploy',
          lastUpdated: new Date('2026-02-03T22:45:04.000Z'),
          state,
          pipeline: { id: 'deploy', displayName: 'deploy', url: 'https://github.com/o/r' },
          environment: { id: environment, displayName: environment, type: 'unmapped' },
          associations: [
            { associationType: 'issueIdOrKeys', values: ['TEST-123', 'TEST-246'] },
            {
              associationType: 'commit',
              values: [
                { commitHash: '6e87a40179eb7ecf5094b9c8d690db727472d5bc', repositoryId: '65' },
                { commitHash: '51e16759cdac67b0d2a94e0674c9603b75a840f6', repositoryId: '65' },
              ],
            },
          ],
        },
      ],
      properties: { gitHubInstallationId: installation, repositoryId: 65 },
      preventTransitions: false,
      operationType: 'NORMAL',
    });
    for (const [state, update] of [
      ['pending', 1001],
      ['in_progress', 1002],
      ['successful', 1003],
    ] as const) {
      const path = '/rest/deployments/0.1/bulk';
      const { status, json: read } = await say({ method: 'POST', path, headers, body: report(state, update) });
      expect([status, read.rejectedDeployments, read.unknownIssueKeys, read.unknownAssociations]).toEqual([
        202,
        [],
        [],
        [],
      ]);
    }
    const one: Named = { pipeline: 'deploy', environment, sequence: 500226426 };
    expect(await native(one)).toEqual([expect.objectContaining({ status: 'current' })]);
    const { items } = (await api.call(`${API}/commits/51e16759cdac67b0d2a94e0674c9603b75a840f6/deployments`)).body;
    expect(items.map(({ target }: Loose) => target)).toContain(environment);
    const removed = await say({
      method: 'DELETE',
      path: `/rest/deployments/0.1/bulkByProperties?gitHubInstallationId=${installation}`,
      headers,
    });
    expect([removed.status, removed.body]).toEqual([202, '']);
    expect((await ask('GET', pathOf(one))).status).toBe(404);
  });

  it('the CircleCI orb are answered as it reads them', async () => {
    const workflow = unique('3f2a-workflow');
    // jq makes texts of all its arguments, and curl sends what it has no user for as one.
    const authorization = `Basic ${Buffer.from(`${TOKEN}:`).toString('base64')}`;
    const body = {
      deployments: [
        {
          schemaVersion: '1.0',
          pipeline: { id: 'shop', displayName: '#12 shop', url: `https://circleci.com/workflow-run/${workflow}` },
          deploymentSequenceNumber: '12',
          updateSequenceNumber: '1772359200',
          displayName: '#12  shop - production',
          description: 'shop #12 deploy production',
          url: 'https://circleci.com/gh/o/shop/34',
          state: 'successful',
          lastUpdated: '2026-03-01T10:00:00+00:00',
          associations: [
            { associationType: 'issueKeys', values: ['CC-4'] },
            { associationType: 'serviceIdOrKeys', values: [''] },
          ],
          environment: { id: `${workflow}-production`, displayName: 'production', type: 'production' },
        },
      ],
    };
    const sent = { method: 'POST', path: '/rest/deployments/0.1/bulk', headers: { ...json, authorization }, body };
    const { json: read } = await say(sent);
    expect([read.unknownAssociations[0], read.rejectedDeployments[0], read.acceptedDeployments.length]).toEqual([
      undefined,
      undefined,
      1,
    ]);
    const again = await say({ ...sent });
    expect(again.json).toEqual(read);
    const one: Named = { pipeline: 'shop', environment: `${workflow}-production`, sequence: 12 };
    expect(await native(one)).toEqual([
      expect.objectContaining({ status: 'current', version: '#12  shop - production' }),
    ]);
    const target = (await api.call(`${API}/projects/shop/targets/${workflow}-production`)).body;
    expect(target).toMatchObject({ name: 'production', environmentType: 'production' });
  });

  it('GitLab’s integration are answered as it reads them', async () => {
    const headers = { ...json, authorization: `JWT ${TOKEN}` };
    const pipeline = Math.floor(Math.random() * 1e9);
    const body = {
      deployments: [
        {
          schemaVersion: '1.0',
          deploymentSequenceNumber: 5,
          updateSequenceNumber: 1772359200123,
          displayName: 'Deployment 5 (main@abc12345) to review/x',
          description: 'Deployment 5 of shop at abc12345 (deploy) to review/x',
          associations: [{ associationType: 'issueKeys', values: ['GL-1'] }],
          url: 'https://gitlab.example/g/shop/-/jobs/7',
          label: 'g/shop-review/x-5-abc12345',
          state: 'in_progress',
          lastUpdated: '2026-03-01T10:00:00Z',
          pipeline: { id: pipeline, displayName: '#12', url: 'https://gitlab.example/g/shop/-/pipelines/9' },
          environment: { id: 77, displayName: 'review/x', type: 'development' },
        },
      ],
      providerMetadata: { product: 'GitLab 17.0' },
    };
    const { json: read } = await say({ method: 'POST', path: '/rest/deployments/0.1/bulk', headers, body });
    // Ids that it has as numbers are texts here.
    expect(read.acceptedDeployments).toEqual([
      { pipelineId: String(pipeline), environmentId: '77', deploymentSequenceNumber: 5 },
    ]);
    const one: Named = { pipeline: String(pipeline), environment: '77', sequence: 5 };
    expect(await native(one)).toEqual([expect.objectContaining({ status: 'deploying' })]);
  });
});
