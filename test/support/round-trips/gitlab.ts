import type { Loose } from '../server.js';
import { fluent } from './history.js';
import { byRef, inOrder, segment, type Dialect } from './dialect.js';

const statuses = { succeed: 'success', fail: 'failed', cancel: 'canceled' } as const;
const of = (project: string): string => `/api/v4/projects/${segment(project)}/deployments`;
const shown: Readonly<Record<string, string>> = {
  blocked: 'blocked',
  scheduled: 'created',
  deploying: 'running',
  current: 'success',
  completed: 'success',
  failed: 'failed',
  canceled: 'canceled',
  retired: 'success',
  rolled_back: 'success',
};

export const gitlab: Dialect = {
  // A deployment cannot be planned, and has no link. The same one begun again is the one that goes on.
  speech: {
    ...fluent,
    says: ['begin', 'succeed', 'fail', 'cancel', 'retire'],
    begins: 'deploying',
    linked: [],
    overlaps: false,
  },
  async report(ask, project, { kind, index, told: { target, release }, sender }, ids) {
    if (kind === 'begin') {
      const body = { environment: target, sha: release.commit, ref: release.ref, tag: false, status: 'running' };
      return (await ask(sender, 'POST', of(project), body)).json.id;
    }
    if (kind === 'retire') {
      const environments = `/api/v4/projects/${segment(project)}/environments`;
      const [{ id }] = (await ask(sender, 'GET', `${environments}?name=${segment(target)}`)).json;
      return ask(sender, 'POST', `${environments}/${id}/stop`);
    }
    return ask(sender, 'PUT', `${of(project)}/${ids[index]}`, { status: statuses[kind as keyof typeof statuses] });
  },
  becomes: byRef,
  async readAll(ask, project, natives) {
    const { json } = await ask('ann', 'GET', `${of(project)}?per_page=100`);
    const ids = natives.map(({ id }) => id);
    return inOrder<(typeof json)[number]>(json, ids, ({ id }) => id).map(
      ({ id, ref, sha, status, environment, user, shiplog, approvals }) => ({
        ...{ id, ref, sha, status, environment: environment.name, by: user.username, version: shiplog.version },
        decisions: approvals.map((each: Loose) => ({ by: each.user.username, status: each.status })),
      }),
    );
  },
  shows: ({ id, target, version, commitRefs, status, actor, decisions = [] }) => ({
    ...{ id, environment: target, status: shown[status], by: actor.id, version, decisions },
    ref: commitRefs[0]?.branch ?? version,
    sha: commitRefs[0]?.commit ?? '',
  }),
};
