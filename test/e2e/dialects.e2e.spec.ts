import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getOctokit } from '@actions/github';
import { Gitlab } from '@gitbeaker/rest';
import { Octokit } from '@octokit/rest';
import { Configuration, SpaceApi, type TargetIdentifier } from 'jetbrains-space-api';
import { createAgileClient } from 'jira.js/agile';
import { fetchAsDocumented } from '../support/contract.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { speaker } from '../support/dialect.js';
import { sendCommands } from '../support/producer.js';
import { startReplica, stopReplica, type Replica } from '../support/replica.js';
import { all } from '../support/round-trips/all.js';
import { asking, byRef, segment, shownByAll, type Dialect, type Native } from '../support/round-trips/dialect.js';
import { fluent, senders, type Kind, type Sender, type Told } from '../support/round-trips/history.js';
import type { Loose } from '../support/server.js';

const ADMIN = 'dialects-token-0123456789';
const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const prefix = `dialects-${randomUUID().slice(0, 8)}.`;
const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';

let database: TestDatabase;
let service: Replica;
const tokens = new Map<Sender, string>();

const get = async (path: string): Promise<Loose> =>
  (await fetchAsDocumented(`${service.url}/api/v1${path}`, { headers: { authorization: `Bearer ${ADMIN}` } })).json();

const ask = asking(
  () => service.url,
  (sender) => tokens.get(sender)!,
);

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startReplica({
    DATABASE_URL: database.url,
    KAFKA_BROKERS: brokers || 'none',
    KAFKA_TOPIC_PREFIX: prefix,
    KAFKA_GROUP_ID: prefix,
    SHIPLOG_ADMIN_TOKEN: ADMIN,
  });
  for (const name of senders) {
    const said = await speaker(service.url, ADMIN)('POST', '/api/v1/tokens', {
      ...{ name, kind: name === 'ann' ? 'user' : 'service' },
      ...{ scopes: ['deployments:write', 'targets:write'], projects: ['*'] },
    });
    tokens.set(name, said.json.token);
  }
}, 60_000);
afterAll(async () => {
  if (service) await stopReplica(service, 'SIGTERM');
  await database?.drop();
}, 60_000);

/** What is current on the targets of a project, once everything that was written is in the views. */
async function currentOf(project: string): Promise<Record<string, string>> {
  const { position } = await get('/status');
  const { items } = await get(`/current?project=${segment(project)}&min_position=${position}`);
  return Object.fromEntries(items.map(({ target, version }: Loose) => [target, version]));
}

/** Commands on Kafka, by branch; they know nothing of numbers. */
const kafka: Dialect = {
  ...all['native']!,
  speech: { ...fluent, says: ['begin', 'start', 'succeed'], linked: ['begin', 'start', 'succeed'] },
  async report(_ask, project, { kind, told, link }) {
    const types = { begin: 'ScheduleDeployment', start: 'StartDeployment', succeed: 'FinishDeployment' };
    const type = types[kind as keyof typeof types];
    const { version, commitRefs } = byRef(told, project);
    const data = { version, commitRefs, externalLink: { url: link } };
    const command = { commandId: randomUUID(), type, project, target: told.target, data };
    await sendCommands(brokers, `${prefix}commands`, [command]);
    for (let outcome = 404; outcome === 404;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const path = `/projects/${segment(project)}/targets/${told.target}/commands/${command.commandId}`;
      outcome = (await speaker(service.url, ADMIN)('GET', `/api/v1${path}`)).status;
    }
  },
};

describe('A deployment, by whichever way it is reported', () => {
  const project = `octocat/${randomUUID()}`;
  const ways: ReadonlyArray<readonly [string, Dialect]> = [
    ...Object.entries(all),
    ...(brokers ? [['kafka', kafka] as const] : []),
  ];
  const told = new Map<string, Told>();
  const ids = new Map<string, unknown>();
  let reports = 0;

  /** Reports it by each way to a target of its own. */
  const report = async (kind: Kind): Promise<void> => {
    for (const [way, { speech, ...dialect }] of ways) {
      if (!speech.says.includes(kind)) continue;
      const sender: Sender = way === 'native' ? 'ann' : 'ci';
      const link = `https://ci.example/${(reports += 1)}`;
      const before = told.get(way) ?? {
        target: way,
        release: { ref: `v-${way}`, commit: SHA },
        link: null,
        by: sender,
      };
      const status = kind === 'begin' ? speech.begins : kind === 'start' ? 'deploying' : 'current';
      const now: Told = { ...before, status, ...(speech.linked.includes(kind) ? { link } : {}) };
      told.set(way, now);
      const id = await dialect.report(ask, project, { kind, index: 0, told: now, link, sender }, [ids.get(way)]);
      if (kind === 'begin') ids.set(way, id);
    }
  };

  /** Reads all of them by our own API, and by each dialect. */
  const readByAll = async (): Promise<void> => {
    const { position } = await get('/status');
    const { items } = await get(`/deployments?project=${segment(project)}&limit=200&min_position=${position}`);
    const natives: Native[] = items.toReversed();
    expect(natives).toMatchObject(
      ways.map(([way, { becomes }]) => {
        const { status, by } = told.get(way)!;
        return { target: way, status, actor: { id: way === 'kafka' ? way : by }, ...becomes(told.get(way)!, project) };
      }),
    );
    const read = await shownByAll(all, ask, natives);
    expect(read.shown).toEqual(read.due);
  };

  it('is seen by all from its beginning to its success, with version, commit, actor and link', async () => {
    for (const [way] of ways)
      await ask('ci', 'POST', `/api/v1/projects/${segment(project)}/targets`, { key: way, environmentType: 'testing' });
    for (const kind of ['begin', 'start', 'succeed'] as const) {
      await report(kind);
      await readByAll();
    }
    expect(await currentOf(project)).toEqual(Object.fromEntries(ways.map(([way]) => [way, `v-${way}`])));
  }, 120_000);
});

describe('With a base URL and a token, and nothing else,', () => {
  const url = (): string => service.url;

  it('@octokit/rest and @actions/github report to it', async () => {
    for (const [repo, { rest }] of [
      ['octokit', new Octokit({ auth: ADMIN, baseUrl: `${url()}/api/v3` })],
      ['actions', getOctokit(ADMIN, { baseUrl: `${url()}/api/v3` })],
    ] as const) {
      const of = { owner: 'octocat', repo };
      const { data } = await rest.repos.createDeployment({
        ...of,
        ref: 'v1',
        environment: 'production',
        required_contexts: [],
      });
      if (!('id' in data)) throw new Error(data.message);
      for (const state of ['in_progress', 'success'] as const)
        await rest.repos.createDeploymentStatus({ ...of, deployment_id: data.id, state });
      const statuses = await rest.repos.listDeploymentStatuses({ ...of, deployment_id: data.id });
      expect(statuses.data.map(({ state }) => state)).toEqual(['success', 'in_progress']);
      expect(await currentOf(`octocat/${repo}`)).toEqual({ production: 'v1' });
    }
  });

  it('@gitbeaker/rest reports to it', async () => {
    const { Deployments } = new Gitlab({ host: url(), token: ADMIN });
    const { id } = await Deployments.create('group/beaker', 'production', SHA, 'v1', true, { status: 'running' });
    await Deployments.edit('group/beaker', id, 'success');
    expect(await Deployments.all('group/beaker')).toMatchObject([{ id, status: 'success', sha: SHA }]);
    expect(await currentOf('group/beaker')).toEqual({ production: 'v1' });
  });

  it('jira.js reports to it', async () => {
    const auth = { type: 'bearer', token: ADMIN } as const;
    const { deployments } = createAgileClient({ host: url(), auth, onSchemaMismatch: 'throw' });
    const place = { displayName: 'production', url: 'https://ci.example' };
    for (const [n, state] of (['in_progress', 'successful'] as const).entries()) {
      const answered = await deployments.submitDeployments({
        deployments: [
          {
            ...{ deploymentSequenceNumber: 1, updateSequenceNumber: n + 1, displayName: 'First', label: 'v1', state },
            ...{ url: 'https://ci.example/1', description: '', lastUpdated: new Date() },
            pipeline: { id: 'agile', ...place },
            environment: { id: 'production', displayName: 'production', type: 'production' },
          },
        ],
      });
      expect(answered.rejectedDeployments ?? []).toEqual([]);
    }
    expect(await currentOf('agile')).toEqual({ production: 'v1' });
  });

  it('jetbrains-space-api reports to it', async () => {
    const space = new SpaceApi(new Configuration({ basePath: `${url()}/api/http`, accessToken: ADMIN }));
    const of = 'key:space-sdk';
    const target = { key: 'production', name: 'Production', description: '' };
    await space.projectsProjectAutomationDeploymentTargetsPost(of, target);
    // Its types have an object where its users send the text, as its own plugin does.
    const targetIdentifier = 'key:production' as unknown as TargetIdentifier;
    const commitRefs = [{ repositoryName: 'web', branch: 'main', commit: SHA }];
    const report = { targetIdentifier, version: 'v1', commitRefs };
    await space.projectsProjectAutomationDeploymentsStartPost(of, report);
    const { data } = await space.projectsProjectAutomationDeploymentsFinishPost(of, report);
    expect(data).toMatchObject({ status: 'CURRENT', version: 'v1' });
    expect(await currentOf('space-sdk')).toEqual({ production: 'v1' });
  });
});
