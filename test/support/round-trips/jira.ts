import { common, fluent, kinds } from './history.js';
import { segment, type Dialect, type Native } from './dialect.js';

const states = {
  begin: 'pending',
  start: 'in_progress',
  succeed: 'successful',
  fail: 'failed',
  cancel: 'cancelled',
  retire: 'cancelled',
} as const;
const shown: Readonly<Record<string, string>> = {
  blocked: 'pending',
  scheduled: 'pending',
  deploying: 'in_progress',
  current: 'successful',
  completed: 'successful',
  failed: 'failed',
  canceled: 'cancelled',
  retired: 'successful',
  rolled_back: 'rolled_back',
};
const gates: Readonly<Record<string, string>> = { blocked: 'awaiting', canceled: 'prevented' };
/** What was taken down in this dialect was canceled. */
const stateOf = ({ status, metadata }: Native): string =>
  status === 'retired' && metadata['jira'] ? 'cancelled' : shown[status]!;

const sequenceOf = ({ id, metadata }: Native): number => Number(metadata['jira']?.deploymentSequenceNumber ?? id);

export const jira: Dialect = {
  // Each report has all of the deployment, its link too.
  speech: { ...fluent, says: [...common, 'retire'], linked: kinds },
  async report(ask, project, { kind, index, told: { target, release }, link, sender }, ids) {
    const number = index + 1;
    const deployment = {
      deploymentSequenceNumber: number,
      updateSequenceNumber: (ids.length + 1) * 100 + Number(link.split('/').at(-1)),
      ...{
        displayName: release.ref,
        label: release.ref,
        url: link,
        description: '',
        state: states[kind as keyof typeof states],
      },
      lastUpdated: new Date().toISOString(),
      pipeline: { id: project, displayName: project, url: 'https://ci.example' },
      environment: { id: target, displayName: target, type: 'unmapped' },
      associations: [{ associationType: 'commit', values: [{ commitHash: release.commit, repositoryId: project }] }],
    };
    const { json } = await ask(sender, 'POST', '/rest/deployments/0.1/bulk', { deployments: [deployment] });
    if (json.rejectedDeployments.length > 0) throw new Error(JSON.stringify(json));
    return number;
  },
  becomes: ({ release: { ref, commit }, link }, project) => ({
    version: ref,
    commitRefs: [{ repository: project, branch: commit, commit }],
    externalLink: link === null ? null : { url: link },
  }),
  readAll: (ask, project, natives) =>
    Promise.all(
      natives.map(async (native) => {
        const path = `pipelines/${segment(project)}/environments/${segment(native.target)}/deployments/${sequenceOf(native)}`;
        const { json } = await ask('ann', 'GET', `/rest/deployments/0.1/${path}`);
        const gate = (await ask('ann', 'GET', `/rest/deployments/0.1/${path}/gating-status`)).json.gatingStatus;
        const { deploymentSequenceNumber, label, state, url, environment, pipeline, associations } = json;
        const commits = associations.flatMap(({ values }: { values: Array<{ commitHash: string }> }) => values);
        return {
          ...{ deploymentSequenceNumber, label, state, environment: environment.id, pipeline: pipeline.id },
          ...{ url: native.externalLink ? url : null, gate },
          commits: commits.map(({ commitHash }: { commitHash: string }) => commitHash),
        };
      }),
    ),
  // It knows no people.
  shows: (native) => ({
    ...{ deploymentSequenceNumber: sequenceOf(native), label: native.version, state: stateOf(native) },
    ...{ environment: native.target, pipeline: native.project, url: native.externalLink?.url ?? null },
    gate: gates[native.status] ?? 'allowed',
    commits: native.commitRefs.flatMap(({ commit }) => commit ?? []),
  }),
};
