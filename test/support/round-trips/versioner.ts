import { fluent, kinds } from './history.js';
import { byRef, segment, type Dialect } from './dialect.js';

const statuses = { begin: 'pending', start: 'started', succeed: 'success', fail: 'failed', cancel: 'aborted' } as const;
const shown: Readonly<Record<string, string>> = {
  blocked: 'pending',
  scheduled: 'pending',
  deploying: 'started',
  current: 'completed',
  completed: 'completed',
  failed: 'failed',
  canceled: 'aborted',
  retired: 'completed',
  rolled_back: 'completed',
};

export const versioner: Dialect = {
  // Nothing starts beside what is deploying, and what was reported to have failed and succeeds is another deployment.
  speech: { ...fluent, linked: kinds, overlaps: false, recovers: false },
  report: (ask, project, { kind, index, told: { target, release }, link, sender }) =>
    ask(sender, 'POST', '/deployment-events/', {
      ...{
        product_name: project,
        environment_name: target,
        version: release.ref,
        status: statuses[kind as keyof typeof statuses],
      },
      ...{ scm_sha: release.commit, scm_repository: project, scm_branch: release.ref },
      ...{ deploy_url: link, invoke_id: `run-${index}`, source_system: 'ci' },
    }),
  becomes: byRef,
  async readAll(ask, project) {
    const { json } = await ask('ann', 'GET', `/deployments/?product_name=${segment(project)}&limit=500`);
    return (json as Array<Record<string, unknown>>)
      .toReversed()
      .map(({ environment_name, version, status, scm_sha, scm_repository, deploy_url, deployed_by }) => ({
        ...{ environment_name, version, status, scm_sha, scm_repository, deploy_url, deployed_by },
      }));
  },
  shows: ({ target, version, status, commitRefs: [ref], externalLink, actor }) => ({
    ...{ environment_name: target, version, status: shown[status] },
    scm_sha: ref?.commit ?? null,
    scm_repository: ref?.repository ?? null,
    deploy_url: externalLink?.url ?? null,
    deployed_by: actor.id,
  }),
};
