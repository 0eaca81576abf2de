import { describe, expect, it } from '@jest/globals';
import { API, TOKEN, unique, type Loose } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';
import { exchange } from '../../../../../test/support/wire.js';

/** What a sender that cannot run here posts, where, and what our own API shows of it. */
type Client = Readonly<{
  name: string;
  path: (connection: string) => string;
  headers: Readonly<Record<string, string>>;
  sends: string;
  target: string;
  shows: object;
}>;

const SHA = '015e3d3b480e417aede5a1293bd61de9b0fd051d';
const bearer = { authorization: `Bearer ${TOKEN}`, 'user-agent': 'curl/8.7.1', accept: '*/*' };
/** What curl says of what `-d` sends, whatever it is. */
const curl = { ...bearer, 'content-type': 'application/x-www-form-urlencoded' };
const time = (text: string): string => `${text}.000000Z`;

const clients: readonly Client[] = [
  {
    name: 'the documentation, of two repositories',
    path: (connection) => `/api/rest/plugins/webhook/${connection}/deployments`,
    headers: curl,
    sends: `{
      "id": "required-id",
      "createdDate":"2020-01-01T11:00:00+00:00",
      "startedDate":"2020-01-01T12:00:00+00:00",
      "finishedDate":"2020-01-02T13:00:00+00:00",
      "environment":"PRODUCTION",
      "result": "FAILURE",
      "displayTitle":"optional-custom-deploy-display-title",
      "name": "optional-deployment-name. If you do not post a name, DevLake will generate one for you.",
      "deploymentCommits":[
         {
             "repoUrl":"required-repo-url",
             "refName": "optional-release-v0.17",
             "startedDate":"2020-01-01T11:00:00+00:00",
             "finishedDate":"2020-01-02T11:00:00+00:00",
             "commitSha":"c1",
             "commitMsg":"optional-msg-1",
             "name":"optional, if null, it will be deployment for {commit_sha}",
             "displayTitle":"optional-custom-deployment-commit-display-title-1"
         },
         {
             "repoUrl":"repo-2",
             "refName": "optional-release-v0.17",
             "startedDate":"2020-01-01T11:00:00+00:00",
             "finishedDate":"2020-01-02T11:00:00+00:00",
             "commitSha":"c2",
             "commitMsg":"optional-msg-2"
         }
      ]
    }`,
    target: 'production',
    shows: {
      status: 'failed',
      version: 'optional-release-v0.17',
      description: 'optional-custom-deploy-display-title',
      createdAt: time('2020-01-01T11:00:00'),
      startedAt: time('2020-01-01T12:00:00'),
      endedAt: time('2020-01-02T13:00:00'),
      commitRefs: [
        { repository: 'required-repo-url', branch: 'optional-release-v0.17', commit: 'c1' },
        { repository: 'repo-2', branch: 'optional-release-v0.17', commit: 'c2' },
      ],
    },
  },
  {
    name: "the config UI's command",
    path: (connection) => `/api/rest/plugins/webhook/connections/${connection}/deployments`,
    headers: curl,
    sends: `{
      "id": "Required. This will be the unique ID of the deployment",
      "startedDate": "2023-01-01T12:00:00+00:00",
      "finishedDate": "2023-01-01T12:00:00+00:00",
      "result": "SUCCESS",
      "deploymentCommits":[
        {
          "repoUrl": "your-git-url",
          "refName": "your-branch-name",
          "startedDate": "2023-01-01T12:00:00+00:00",
          "finishedDate": "2023-01-01T12:00:00+00:00",
          "commitSha": "e.g. 015e3d3b480e417aede5a1293bd61de9b0fd051d",
          "commitMsg": "optional-commit-message"
        }
      ]
    }`,
    target: 'production',
    shows: { status: 'current', version: 'your-branch-name', finishedAt: time('2023-01-01T12:00:00') },
  },
  {
    name: 'a Jenkins pipeline, on the port behind the config UI',
    path: (connection) => `/rest/plugins/webhook/connections/by-name/${connection}/deployments`,
    headers: curl,
    sends: JSON.stringify({
      id: 'jenkins:JenkinsBuild:2:deploy#17',
      startedDate: '2025-06-01T10:00:00+0000',
      finishedDate: '2025-06-01T12:05:00+0200',
      result: 'SUCCESS',
      environment: 'STAGING',
      deploymentCommits: [
        {
          repoUrl: 'https://github.com/octocat/example',
          refName: 'origin/main',
          startedDate: '2025-06-01T10:00:00+0000',
          finishedDate: '2025-06-01T10:05:00+0000',
          commitSha: SHA,
          commitMsg: 'deployment success',
        },
      ],
    }),
    target: 'staging',
    shows: {
      status: 'current',
      version: 'origin/main',
      startedAt: time('2025-06-01T10:00:00'),
      finishedAt: time('2025-06-01T10:05:00'),
    },
  },
  {
    name: 'a script with members of its own, of a project',
    path: (connection) => `/plugins/webhook/projects/${connection}/deployments`,
    headers: { ...bearer, 'content-type': 'application/json' },
    sends: JSON.stringify({
      id: 4711,
      startedDate: 1750000000000,
      finishedDate: '2025-06-15T15:10:00.25Z',
      originalEnvironment: 'prod-eu',
      name: 'web-shop to prod-eu',
      url: 'https://ci.example/4711',
      runner: 'mine',
      deploymentCommits: [
        {
          repoUrl: 'git@git.example:shop.git',
          refName: '',
          commitSha: SHA,
          startedDate: 1750000000000,
          finishedDate: 1750000200000,
        },
      ],
    }),
    target: 'prod-eu',
    shows: {
      status: 'current',
      version: SHA.slice(0, 12),
      description: 'web-shop to prod-eu',
      externalLink: { url: 'https://ci.example/4711' },
      startedAt: time('2025-06-15T15:06:40'),
      finishedAt: '2025-06-15T15:10:00.250000Z',
      commitRefs: [{ repository: 'git@git.example:shop.git', branch: SHA, commit: SHA }],
    },
  },
  {
    name: 'the documentation before 1.0, of one repository',
    path: (connection) => `/api/plugins/webhook/${connection}/deployments`,
    headers: { ...curl, authorization: `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}` },
    sends: JSON.stringify({
      pipeline_id: 'required-pipeline-id',
      environment: 'TESTING',
      repo_url: 'https://github.com/apache/incubator-devlake/',
      repo_id: 'optional-repo-id',
      display_title: 'optional-custom-deploy-display-title',
      name: 'optional-deployment-name',
      ref_name: 'optional-release-v0.17',
      commit_sha: SHA,
      commit_msg: 'optional-commit-message',
      create_time: '2020-01-01T11:00:00+00:00',
      start_time: '2020-01-01T12:00:00+00:00',
      end_time: '2020-01-02T13:00:00+00:00',
      result: 'ABORT',
    }),
    target: 'testing',
    shows: {
      status: 'canceled',
      version: 'optional-release-v0.17',
      startedAt: time('2020-01-01T12:00:00'),
      endedAt: time('2020-01-02T13:00:00'),
    },
  },
  {
    name: 'the documentation before 1.0, in CircleCI',
    path: (connection) => `/api/rest/plugins/webhook/${connection}/deployments`,
    headers: curl,
    sends: `{
      "commit_sha":"${SHA}",
      "repo_url":"https://github.com/octocat/example",
      "start_time":"2023-05-04T07:00:00+0000"
    }`,
    target: 'production',
    shows: { status: 'current', version: SHA.slice(0, 12), startedAt: time('2023-05-04T07:00:00') },
  },
];

const api = storyServer();

describe.each(clients)('$name', ({ path, headers, sends, target, shows }) => {
  it('is answered as DevLake answers, and is what it says natively, once however often it is sent', async () => {
    const project = unique('connection');
    for (let n = 0; n < 2; n += 1) {
      const answered = await exchange(api.server.url, { method: 'POST', path: path(project), headers, body: sends });
      expect([answered.status, answered.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(JSON.parse(answered.body)).toEqual({
        code: 0,
        success: true,
        message: 'success',
        causes: null,
        data: null,
      });
    }
    const { position } = (await api.call(`${API}/status`)).body;
    const list = `${API}/projects/${project}/targets/${target}/deployments?min_position=${position}`;
    const items = (await api.call(list)).body.items as Loose[];
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ ...shows, number: 1, violations: [] });
    const current = (await api.call(`${API}/current?project=${project}&min_position=${position}`)).body
      .items as Loose[];
    expect(current.map(({ version }) => version)).toEqual(items[0]!.status === 'current' ? [items[0]!.version] : []);
  });
});
