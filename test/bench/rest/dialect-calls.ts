import { uuidOfDeployment } from '../../../apps/server/src/facades/versioner/ids.js';
import type { MeasuredDialect } from '../frame/bounds.js';
import { COUNTER, ID, NOW, requestTo } from './requests.js';
import type { Template } from './load.js';

/** A deployment as the native list shows it, as far as other lists need it to find the same one. */
export type Listed = Readonly<{
  id: number;
  target: string;
  number: number;
  metadata: Readonly<{ jira?: Readonly<{ deploymentSequenceNumber: string }> }>;
}>;

/** A command of ours that a request of a dialect stands for. */
type Verb = 'schedule' | 'start' | 'finish';

/** The same call in all dialects. What some system has no call for is left out. */
export type Calls = Readonly<{
  /** The project as it is called natively. */
  project: string;
  /** Tells of a new deployment from its beginning to its success. */
  report(target: string): Template;
  /** The commands that such a report comes to, each of which is a request natively. */
  commands: readonly Verb[];
  /** What the report says besides version and commit, as the native requests say it. */
  says?: Readonly<{ externalLink?: object; metadata?: object }>;
  one?(listed: Listed): string;
  /** Whether the dialect names a deployment by its target and not by an id of its own. */
  isNamedByTarget?: boolean;
  /** The newest 30. */
  list?: string;
}>;

const COMMIT = COUNTER.padStart(40, 'a');
const LINK = 'https://ci.example/1';
const PROJECT = 'octocat/example';

/** Our own routes, for the deployments of a project that a dialect made. */
export function nativeCalls({ project, commands, says = {}, isNamedByTarget = false }: Calls) {
  const of = `/api/v1/projects/${encodeURIComponent(project)}/targets`;
  const data = { version: COUNTER, commitRefs: [{ repository: project, branch: 'main', commit: COMMIT }], ...says };
  return {
    report: (target: string): Template => commands.map((verb) => requestTo('POST', `${of}/${target}/${verb}`, data)),
    one: ({ id, target, number }: Listed): string =>
      requestTo('GET', isNamedByTarget ? `${of}/${target}/deployments/${number}` : `/api/v1/deployments/${id}`),
    list: requestTo('GET', `/api/v1/deployments?project=${encodeURIComponent(project)}&limit=30`),
  };
}

const GITHUB = `/api/v3/repos/${PROJECT}/deployments`;

const GROUP_PROJECT = 'group/example';
const GITLAB = `/api/v4/projects/${encodeURIComponent(GROUP_PROJECT)}/deployments`;

const JIRA = '/rest/deployments/0.1';
const PIPELINE = 'bench-pipeline';

const bulk = (environment: string, state: string, update: number): string =>
  requestTo('POST', `${JIRA}/bulk`, {
    deployments: [
      {
        deploymentSequenceNumber: COUNTER,
        updateSequenceNumber: update,
        ...{ displayName: COUNTER, label: COUNTER, url: LINK, description: '', state },
        lastUpdated: NOW,
        pipeline: { id: PIPELINE, displayName: 'The pipeline', url: 'https://ci.example' },
        environment: { id: environment, displayName: environment, type: 'unmapped' },
        associations: [{ associationType: 'commit', values: [{ commitHash: COMMIT, repositoryId: 'web-shop' }] }],
      },
    ],
  });

const SPACE_PROJECT = 'bench-space';
const SPACE = `/api/http/projects/key:${SPACE_PROJECT}/automation/deployments`;

/**
 * Clients name the members that they want: here those that the native list has. Without, each deployment has its target in it, with
 * all that is current and next there, which makes five times the bytes; no call of ours has that.
 */
const SPACE_FIELDS =
  'next,totalCount,data(id,version,status,scheduledStart,startedAt,finishedAt,createdAt,description,targetKey,commitRefs,externalLink)';

const spaceReport = (target: string): object => ({
  targetIdentifier: `key:${target}`,
  version: COUNTER,
  commitRefs: [{ repositoryName: 'web-shop', branch: 'main', commit: COMMIT }],
  externalLink: { label: 'CI', url: LINK },
});

const PRODUCT = 'bench-product';
const EVENTS = '/deployment-events/';

const event = (environment: string, status: string): object => ({
  ...{ product_name: PRODUCT, environment_name: environment, version: COUNTER, status, source_system: 'ci' },
  ...{ scm_sha: COMMIT, scm_repository: 'web-shop', deploy_url: LINK, invoke_id: COUNTER },
});

const webhook = (originalEnvironment: string): object => {
  const times = { startedDate: NOW, finishedDate: NOW };
  const commit = { repoUrl: 'https://git.example/web-shop', refName: 'main', commitSha: COMMIT };
  return {
    ...{ id: `${originalEnvironment} ${COUNTER}`, originalEnvironment, ...times, result: 'SUCCESS' },
    deploymentCommits: [{ ...commit, ...times }],
  };
};

const SERVICE = 'bench-service';
const ARTIFACT = `pkg:oci/${SERVICE}@sha256%3A0b31b1c02ff4?tag=${COUNTER}`;

const cloudEvent = (environment: string, predicate: 'started' | 'finished'): object => {
  const about = {
    id: `${environment} ${COUNTER} ${predicate}`,
    source: '/ci',
    type: `dev.cdevents.deployment.${predicate}.0.1.0`,
  };
  const content = {
    environment: { id: environment },
    artifactId: ARTIFACT,
    ...(predicate === 'finished' ? { outcome: 'success' } : {}),
  };
  return {
    ...{ specversion: '1.0', ...about, time: NOW, datacontenttype: 'application/json' },
    data: {
      context: { ...about, version: '0.6.0-draft', timestamp: NOW },
      subject: { id: `${environment} ${COUNTER}`, source: '/ci', content },
    },
  };
};

/** As its clients send them. */
export const dialectCalls: Readonly<Record<MeasuredDialect, Calls>> = {
  github: {
    project: PROJECT,
    report: (environment) => [
      requestTo('POST', GITHUB, { ref: COUNTER, sha: COMMIT, environment, required_contexts: [], auto_merge: false }),
      requestTo('POST', `${GITHUB}/${ID}/statuses`, { state: 'success', log_url: LINK }),
    ],
    commands: ['schedule', 'finish'],
    says: { externalLink: { url: LINK } },
    one: ({ id }) => requestTo('GET', `${GITHUB}/${id}`),
    list: requestTo('GET', `${GITHUB}?per_page=30`),
  },
  gitlab: {
    project: GROUP_PROJECT,
    report: (environment) => [
      requestTo('POST', GITLAB, { environment, sha: COMMIT, ref: COUNTER, tag: false, status: 'running' }),
      requestTo('PUT', `${GITLAB}/${ID}`, { status: 'success' }),
    ],
    commands: ['start', 'finish'],
    one: ({ id }) => requestTo('GET', `${GITLAB}/${id}`),
    list: requestTo('GET', `${GITLAB}?per_page=30&order_by=id&sort=desc`),
  },
  jira: {
    project: PIPELINE,
    report: (environment) => ['in_progress', 'successful'].map((state, n) => bulk(environment, state, n + 1)),
    commands: ['start', 'finish'],
    says: { externalLink: { url: LINK }, metadata: { displayName: COUNTER, pipeline: 'The pipeline' } },
    isNamedByTarget: true,
    one: ({ target, metadata: { jira } }) =>
      requestTo(
        'GET',
        `${JIRA}/pipelines/${PIPELINE}/environments/${target}/deployments/${jira!.deploymentSequenceNumber}`,
      ),
  },
  space: {
    project: SPACE_PROJECT,
    report: (target) => ['start', 'finish'].map((verb) => requestTo('POST', `${SPACE}/${verb}`, spaceReport(target))),
    commands: ['start', 'finish'],
    says: { externalLink: { label: 'CI', url: LINK } },
    one: ({ id, target }) => requestTo('GET', `${SPACE}/key:${target}/id:${id}`),
    list: requestTo('GET', `${SPACE}?$top=30&$fields=${SPACE_FIELDS}`),
  },
  versioner: {
    project: PRODUCT,
    report: (environment) =>
      ['started', 'success'].map((status) => requestTo('POST', EVENTS, event(environment, status))),
    commands: ['start', 'finish'],
    says: { externalLink: { url: LINK }, metadata: { source_system: 'ci', invoke_id: COUNTER } },
    one: ({ id }) => requestTo('GET', `/deployments/${uuidOfDeployment(id)}`),
    list: requestTo('GET', `/deployments/?product_name=${PRODUCT}&limit=30`),
  },
  devlake: {
    project: 'bench-devlake',
    report: (target) => requestTo('POST', '/plugins/webhook/connections/bench-devlake/deployments', webhook(target)),
    // What has ended when it is told of has been planned and begun.
    commands: ['schedule', 'start', 'finish'],
  },
  cdevents: {
    project: SERVICE,
    report: (environment) =>
      (['started', 'finished'] as const).map((predicate) =>
        requestTo('POST', '/cdevents', cloudEvent(environment, predicate), 'application/cloudevents+json'),
      ),
    commands: ['start', 'finish'],
    says: { metadata: { artifactId: ARTIFACT, deployment: COUNTER } },
  },
};
