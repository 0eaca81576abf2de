import { describe, expect, it } from '@jest/globals';
import { createAgileClient } from 'jira.js/agile';
import { jiraClient } from '../../../../../test/support/jira.js';
import { API, TOKEN, currentIn } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';

const api = storyServer();

const { named, native } = jiraClient(() => api);
const bearer = { type: 'bearer', token: TOKEN } as const;
const basic = { type: 'basic', email: 'kim@example.org', apiToken: TOKEN } as const;
const clientWith = (auth: typeof bearer | typeof basic) =>
  createAgileClient({ host: api.server.url, auth, onSchemaMismatch: 'throw' });

type Report = Parameters<ReturnType<typeof createAgileClient>['deployments']['submitDeployments']>[0]['deployments'][0];
const deployment = (pipelineId: string, more: Partial<Report>): Report => ({
  deploymentSequenceNumber: 100,
  updateSequenceNumber: 1,
  displayName: 'Deployment number 16 of Data Depot',
  url: 'https://mydeployer.example/project1/1111-222-333/prod-east',
  description: 'The bits are being transferred',
  lastUpdated: new Date('2026-01-20T23:27:25.000Z'),
  label: 'Release 2026-01-20_08-47-bc2421a',
  state: 'in_progress',
  pipeline: { id: pipelineId, displayName: 'Data Depot Deployment', url: 'https://mydeployer.example/project1' },
  environment: { id: 'prod-east', displayName: 'US East', type: 'production' },
  associations: [
    { associationType: 'issueIdOrKeys', values: ['ABC-123', 'ABC-456'] },
    { associationType: 'serviceIdOrKeys', values: ['ari:cloud:service/1'] },
    { associationType: 'commit', values: [{ commitHash: 'deadbeefdeadbeef', repositoryId: '7' }] },
  ],
  commands: [{ command: 'initiate_deployment_gating' }],
  schemaVersion: '1.0',
  ...more,
});

describe.each([
  ['Bearer', bearer],
  ['Basic', basic],
])('jira.js by %s', (_, auth) => {
  it.each(['', ' / with a slash', ' ümlaut%41'])(
    'submits, gets, asks the gate and deletes, of a pipeline called …%s',
    async (more) => {
      const { deployments } = clientWith(auth);
      const pipelineId = `${named().pipeline}${more}`;
      // It writes ids into paths as they are.
      const inPath = pipelineId.replace('%', '%25');
      const key = { pipelineId: inPath, environmentId: 'prod-east', deploymentSequenceNumber: 100 };
      const sent = deployment(pipelineId, {});
      const answered = await deployments.submitDeployments({
        deployments: [sent, deployment(pipelineId, { state: 'nothing' as 'unknown' })],
        properties: { accountId: 'account-234', createdBy: 'user-123' },
        providerMetadata: { product: 'Depot 1.0' },
      });
      expect(answered).toMatchObject({
        acceptedDeployments: [{ ...key, pipelineId }],
        rejectedDeployments: [
          { key: { ...key, pipelineId }, errors: [{ message: expect.stringContaining('state: must be one of') }] },
        ],
      });
      expect(await deployments.getDeploymentByKey(key)).toEqual(sent);
      await deployments.submitDeployments({
        deployments: [deployment(pipelineId, { updateSequenceNumber: 2, state: 'successful' })],
      });
      expect(await deployments.getDeploymentByKey(key)).toMatchObject({ state: 'successful', updateSequenceNumber: 2 });
      expect(await deployments.getDeploymentGatingStatusByKey(key)).toMatchObject({
        ...key,
        pipelineId: expect.any(String),
        gatingStatus: 'allowed',
        updatedTimestamp: expect.any(Date),
      });
      const place = { pipeline: pipelineId, environment: 'prod-east', sequence: 100 };
      expect(await native(place)).toEqual([
        expect.objectContaining({
          status: 'current',
          version: 'Release 2026-01-20_08-47-bc2421a',
          commitRefs: [{ repository: '7', branch: 'deadbeefdeadbeef', commit: 'deadbeefdeadbeef' }],
          externalLink: { url: 'https://mydeployer.example/project1/1111-222-333/prod-east' },
          actor: { id: 'admin', kind: 'service' },
          startedAt: '2026-01-20T23:27:25.000000Z',
        }),
      ]);
      expect(await currentIn(api, pipelineId)).toEqual({ 'prod-east': sent.label });
      await deployments.deleteDeploymentByKey(key);
      await deployments.deleteDeploymentByKey(key);
      await expect(deployments.getDeploymentByKey(key)).rejects.toMatchObject({ status: 404 });
      expect(await native(place)).toEqual([]);
    },
  );
});

it('jira.js reads what was reported natively, by its id', async () => {
  const { pipeline } = named();
  const at = `${API}/projects/${pipeline}/targets`;
  await api.call(at, { body: { key: 'live', environmentType: 'production' } });
  const body = { version: '2.0', commitRefs: [{ repository: 'shop', branch: 'main', commit: 'abc1234' }] };
  const { id } = (await api.call(`${at}/live/finish`, { body })).body.deployment;
  await native({ pipeline, environment: 'live', sequence: id });
  const key = { pipelineId: pipeline, environmentId: 'live', deploymentSequenceNumber: id };
  expect(await clientWith(bearer).deployments.getDeploymentByKey(key)).toMatchObject({
    deploymentSequenceNumber: id,
    displayName: '2.0',
    state: 'successful',
    environment: { id: 'live', displayName: 'live', type: 'production' },
    associations: [{ associationType: 'commit', values: [{ commitHash: 'abc1234', repositoryId: 'shop' }] }],
  });
});

it('jira.js is told of a token that is none', async () => {
  const { deployments } = createAgileClient({ host: api.server.url, auth: { type: 'bearer', token: 'nobody' } });
  await expect(deployments.submitDeployments({ deployments: [deployment('p', {})] })).rejects.toMatchObject({
    status: 401,
    body: { message: 'Unauthorized' },
  });
});
