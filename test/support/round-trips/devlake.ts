import { byRef, segment, type Dialect } from './dialect.js';
import { fluent } from './history.js';

const results: Readonly<Record<string, string>> = {
  begin: 'MANUAL',
  succeed: 'SUCCESS',
  fail: 'FAILURE',
  cancel: 'ABORT',
};

/** A webhook: there is nothing to be read. It knows no start, only what ended and what waits. */
export const devlake: Dialect = {
  speech: {
    ...fluent,
    says: ['begin', 'succeed', 'fail', 'cancel'],
    linked: ['begin', 'succeed', 'fail'],
    overlaps: false,
  },
  async report(ask, project, { kind, index, told: { target, release }, link, sender }) {
    const now = new Date().toISOString();
    const times = { startedDate: now, finishedDate: now };
    return ask(sender, 'POST', `/plugins/webhook/connections/${segment(project)}/deployments`, {
      id: `deployment-${index}`,
      ...times,
      result: results[kind],
      originalEnvironment: target,
      ...(kind === 'cancel' ? {} : { url: link }),
      deploymentCommits: [{ ...times, repoUrl: project, commitSha: release.commit, refName: release.ref }],
    });
  },
  becomes: (told, project) => byRef(told, project),
};
