import { describe, expect, it } from '@jest/globals';
import { TOKEN } from '../../../../../test/support/server.js';
import { at, makes, replay, type RecordedClient, type Step } from '../../../../../test/support/space-clients.js';
import { storyServer } from '../../../../../test/support/suite.js';

const json = { 'content-type': 'application/json' };
const clients: readonly RecordedClient[] = [
  {
    name: 'a .space.kts script',
    headers: { ...json, authorization: `Bearer ${TOKEN}`, accept: 'application/json' },
    steps: [
      makes('food-calculator'),
      {
        sends: [
          'POST',
          `${at}/deployments/start`,
          { targetIdentifier: 'key:food-calculator', version: '17', syncWithAutomationJob: true },
        ],
        status: 200,
        reads: { status: 'DEPLOYING', version: '17', commitRefs: [] },
      },
      {
        sends: [
          'POST',
          `${at}/deployments/finish`,
          {
            targetIdentifier: 'key:food-calculator',
            version: '17',
            externalLinkLabel: 'the job',
            externalLinkUrl: 'https://ci.example/17',
          },
        ],
        status: 200,
        reads: { status: 'CURRENT', externalLink: { label: 'the job', url: 'https://ci.example/17' } },
      },
    ],
    target: 'food-calculator',
    becomes: [{ status: 'current', version: '17', externalLink: { label: 'the job', url: 'https://ci.example/17' } }],
  },
  {
    name: 'curl in a job, which says that its JSON is a form',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${TOKEN}`, accept: '*/*' },
    steps: [
      makes('etr-container'),
      ...['start', 'finish'].map((verb) => ({
        sends: [
          'POST',
          `/api/http/projects/id:{project}/automation/deployments/${verb}`,
          '{"targetIdentifier": "key:etr-container", "version": "v2.12", "commitRefs": [{"repositoryName": "etr", "branch": "refs/tags/v2", "commit": "0a1b2c3d"}]}',
        ] as Step['sends'],
        status: 200,
        reads: { version: 'v2.12', commitRefs: [{ branch: 'refs/tags/v2', commit: '0a1b2c3d' }] },
      })),
    ],
    target: 'etr-container',
    becomes: [{ status: 'current', version: 'v2.12' }],
  },
  {
    name: 'semantic-release-space',
    headers: {
      ...json,
      accept: 'application/json, text/plain, */*',
      authorization: `Bearer ${TOKEN}`,
      'user-agent': 'axios/0.27.2',
    },
    steps: [
      { sends: ['GET', '/api/http/projects/{project}'], status: 200, reads: { id: expect.any(String) } },
      {
        sends: ['GET', '/api/http/projects/{project}/automation/deployment-targets/key%3Anpm'],
        status: 404,
        reads: { error: 'not-found', error_description: expect.any(String) },
      },
      {
        sends: [
          'POST',
          '/api/http/projects/{project}/automation/deployment-targets',
          { key: 'npm', name: 'npm', description: 'npm' },
        ],
        status: 200,
      },
      ...(['start', 'finish', 'start', 'fail'] as const).map((verb, n): Step => ({
        sends: [
          'POST',
          `/api/http/projects/{project}/automation/deployments/${verb}`,
          {
            targetIdentifier: 'npm',
            version: n < 2 ? '1.0.0' : '1.1.0',
            description: '# Release\n\n* all of it',
            commitRefs: [{ repositoryName: 'lib', branch: 'main', commit: n < 2 ? '012345a' : '678901b' }],
          },
        ],
        status: 200,
        reads: { description: '# Release\n\n* all of it' },
      })),
    ],
    target: 'npm',
    becomes: [
      { status: 'failed', version: '1.1.0' },
      { status: 'current', version: '1.0.0' },
    ],
  },
  {
    name: 'the PHP SDK',
    headers: { ...json, accept: 'application/json', authorization: `Bearer ${TOKEN}`, 'user-agent': 'GuzzleHttp/7' },
    steps: [
      {
        sends: ['POST', '/oauth/token', 'grant_type=client_credentials&scope=%2A%2A'],
        headers: {
          accept: 'application/json',
          authorization: `Basic ${Buffer.from(`an-application:${TOKEN}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        status: 200,
        reads: { access_token: TOKEN, token_type: 'Bearer' },
      },
      makes('shop'),
      {
        sends: [
          'POST',
          `${at}/deployments/start?$fields=id,status,target(key,name)`,
          { targetIdentifier: { className: 'TargetIdentifier.Key', key: 'shop' }, version: '5' },
        ],
        status: 200,
        reads: { status: 'DEPLOYING', target: { key: 'shop', name: 'shop' } },
      },
      { sends: ['POST', `${at}/deployments/fail`, { targetIdentifier: 'id:shop' }], status: 200 },
      {
        sends: ['GET', `${at}/deployments?targetIdentifier=key:shop&$top=5&$fields=data(version,status)`],
        status: 200,
        reads: { data: [{ version: '5', status: 'FAILED' }] },
      },
    ],
    target: 'shop',
    becomes: [{ status: 'failed', version: '5' }],
  },
];

const api = storyServer();

describe('the requests of', () => {
  it.each(clients)('$name are answered as it reads them', (client) => replay(api, client));
});
