import { describe, expect, it } from '@jest/globals';
import { TOKEN, unique, type Loose, currentIn } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';
import { versionerClient } from '../../../../../test/support/versioner.js';
import { exchange } from '../../../../../test/support/wire.js';

/** What a client that cannot run here sends, and what it reads of the answers. */
type Step = Readonly<{ path: string; sends: object; status: number; reads: object }>;
type Client = Readonly<{
  name: string;
  headers: Readonly<Record<string, string>>;
  steps: readonly Step[];
  becomes: string[];
}>;

const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';
const id = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const DEPLOYMENTS = '/deployment-events/';
const BUILDS = '/build-events/';

/** As the Go client reads them: every id a text, a time of RFC 3339 or none. */
const deployed = { id, product_id: id, version_id: id, environment_id: id, deployed_at: expect.stringMatching(/Z$/) };
const built = { id, product_id: id, version_id: id, started_at: expect.stringMatching(/Z$/) };

const github = {
  source_system: 'github',
  build_number: '12',
  scm_sha: SHA,
  scm_repository: 'octocat/example',
  deploy_url: 'https://github.com/octocat/example/actions/runs/9001',
  invoke_id: '9001',
  deployed_by: 'octocat',
  extra_metadata: { vi_gh_workflow: 'deploy', vi_gh_run_attempt: '1', vi_gh_ref: 'refs/heads/main' },
};
const cli = {
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
  'user-agent': 'versioner-cli/1.0.9',
  'accept-encoding': 'gzip',
};
const axios = {
  accept: 'application/json, text/plain, */*',
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
  'user-agent': 'axios/1.13.2',
  'accept-encoding': 'gzip, compress, deflate, br',
};
const now = (): string => new Date().toISOString();

const clients: readonly Client[] = [
  {
    name: 'versioner-cli on GitHub',
    headers: cli,
    steps: [
      {
        path: BUILDS,
        sends: {
          version: 'a84d88e7',
          status: 'completed',
          ...github,
          scm_branch: 'main',
          built_by: 'octocat',
          deploy_url: undefined,
        },
        status: 200,
        reads: { ...built, status: 'completed', completed_at: expect.any(String) },
      },
      {
        path: DEPLOYMENTS,
        sends: { version: 'a84d88e7', environment_name: 'production', status: 'started', ...github },
        status: 200,
        reads: { ...deployed, status: 'started' },
      },
      {
        path: DEPLOYMENTS,
        sends: {
          version: 'other',
          environment_name: 'production',
          status: 'in_progress',
          ...github,
          scm_sha: undefined,
          invoke_id: '9002',
        },
        status: 409,
        reads: {
          detail: {
            error: expect.any(String),
            message: 'Another deployment to production is already in progress',
            code: 'DEPLOYMENT_IN_PROGRESS',
            details: { rule_name: expect.any(String) },
          },
        },
      },
      {
        path: DEPLOYMENTS,
        sends: { version: 'a84d88e7', environment_name: 'production', status: 'success', ...github },
        status: 200,
        reads: { ...deployed, status: 'completed' },
      },
    ],
    becomes: ['other canceled', 'a84d88e7 current'],
  },
  {
    name: 'versioner-cli on Azure DevOps, by hand',
    headers: cli,
    steps: [
      {
        path: DEPLOYMENTS,
        sends: {
          version: '20261122.1',
          environment_name: 'production',
          status: 'failed',
          source_system: 'azure-devops',
          deploy_url: 'vstfs:///Build/Build/77',
          invoke_id: '77',
          completed_at: '2026-11-22T00:00:00+01:00',
          extra_metadata: { vi_azure_build_id: '77', error: 'Lambda timeout after 30s' },
        },
        status: 200,
        reads: { ...deployed, status: 'failed', completed_at: '2026-11-21T23:00:00.000000Z' },
      },
      {
        path: DEPLOYMENTS,
        sends: { version: '20261122.1', environment_name: 'production', status: 'nonsense' },
        status: 422,
        reads: { detail: [{ loc: ['body', 'status'], msg: expect.any(String), type: expect.any(String) }] },
      },
    ],
    becomes: ['20261122.1 failed'],
  },
  {
    name: 'versioner-github-action',
    headers: axios,
    steps: [
      {
        path: BUILDS,
        sends: {
          version: '1',
          status: 'success',
          ...github,
          deploy_url: undefined,
          deployed_by: undefined,
          scm_branch: 'main',
          built_by: 'octocat',
          started_at: now(),
        },
        status: 200,
        reads: {
          id,
          version_id: id,
          product_id: id,
          version: '1',
          status: 'completed',
          started_at: expect.any(String),
        },
      },
      {
        path: DEPLOYMENTS,
        sends: { version: '1', environment_name: 'production', status: 'in_progress', ...github, completed_at: now() },
        status: 200,
        reads: {
          ...deployed,
          status: 'started',
          completed_at: null,
          extra_metadata: { preflight_status: { rules_evaluated: [] } },
        },
      },
      {
        path: DEPLOYMENTS,
        sends: { version: '1', environment_name: 'production', status: 'failure', ...github, completed_at: now() },
        status: 200,
        reads: { ...deployed, status: 'failed' },
      },
    ],
    becomes: ['1 failed'],
  },
  {
    name: 'versioner-github-action in the middle of its life, which only warns',
    headers: axios,
    steps: [
      {
        path: DEPLOYMENTS,
        sends: { version: '0', environment_name: 'production', status: 'started' },
        status: 200,
        reads: {},
      },
      {
        path: DEPLOYMENTS,
        sends: {
          version: '1',
          environment_name: 'production',
          status: 'started',
          skip_preflight_checks: false,
          ...github,
          completed_at: now(),
        },
        status: 409,
        reads: { message: expect.any(String), error: expect.any(String), detail: { code: 'DEPLOYMENT_IN_PROGRESS' } },
      },
      {
        path: DEPLOYMENTS,
        sends: {
          version: '1',
          environment_name: 'production',
          status: 'success',
          skip_preflight_checks: false,
          ...github,
          completed_at: now(),
        },
        status: 200,
        reads: { deployment_id: id, event_id: id, product_id: id, status: 'completed' },
      },
      {
        path: BUILDS,
        sends: { version: '1', status: 'success', scm_sha: 'f'.repeat(40) },
        status: 409,
        reads: { message: 'Version 1 already exists with different SHA' },
      },
    ],
    becomes: ['1 current', '0 deploying'],
  },
  {
    name: 'versioner-github-action of October 2025',
    headers: axios,
    steps: [
      {
        path: '/version-events/',
        sends: {
          version: '1',
          ...github,
          deploy_url: undefined,
          deployed_by: undefined,
          build_url: github.deploy_url,
          built_by: 'octocat',
        },
        status: 200,
        reads: { version_id: id, product_id: id, version: '1', created_at: expect.any(String) },
      },
      {
        path: DEPLOYMENTS,
        sends: {
          version: '1',
          environment: 'production',
          status: 'success',
          ...github,
          deploy_url: undefined,
          build_url: github.deploy_url,
        },
        status: 200,
        reads: {
          deployment_id: id,
          event_id: id,
          product_id: id,
          version_id: id,
          environment_id: id,
          status: 'completed',
          created_at: expect.any(String),
        },
      },
    ],
    becomes: ['1 current'],
  },
];

const api = storyServer();

describe('a recorded client', () => {
  it.each(clients)('$name does its story', async ({ headers, steps, becomes }) => {
    const product_name = unique('example');
    for (const { path, sends, status, reads } of steps) {
      const body = JSON.stringify({ product_name, ...sends });
      // Whoever gets no answer sends the same again.
      for (let sent = 0; sent < 2; sent += 1) {
        const answered = await exchange(api.server.url, { method: 'POST', path, headers, body });
        expect([answered.status, JSON.parse(answered.body)]).toEqual([status, expect.anything()]);
        expect(JSON.parse(answered.body)).toMatchObject(reads);
      }
    }
    const history = await versionerClient(() => api)
      .product(product_name)
      .history();
    expect(history.map((each: Loose) => `${each.version} ${each.status}`)).toEqual(becomes);
    const current = history.filter(({ status }) => status === 'current');
    const { production } = await currentIn(api, product_name);
    expect(production).toBe(current[0]?.version);
  });
});
