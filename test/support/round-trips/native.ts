import { fluent, kinds, targets } from './history.js';
import { byRef, inOrder, segment, type Dialect } from './dialect.js';

const verbs = { start: 'start', succeed: 'finish', fail: 'fail', cancel: 'cancel', retire: 'retire' } as const;
const of = (project: string): string => `/api/v1/projects/${segment(project)}/targets`;

/** Our own API, by number. */
export const native: Dialect = {
  speech: { ...fluent, says: kinds, linked: ['begin', 'start', 'succeed', 'fail', 'rollback'] },
  async prepare(ask, project) {
    for (const key of targets) await ask('ci', 'POST', of(project), { key });
  },
  async report(ask, project, { kind, index, told, link, sender, to }, ids) {
    const path = `${of(project)}/${segment(told.target)}`;
    const { version, commitRefs } = byRef(told, project);
    if (kind === 'begin') {
      const data = { version, commitRefs, externalLink: { url: link }, supersede: true };
      return (await ask(sender, 'POST', `${path}/schedule`, data)).json.deployment.number;
    }
    if (kind === 'rollback') {
      const { number } = (await ask(sender, 'POST', `${path}/rollback`, { to: ids[to!] })).json.deployment;
      await ask(sender, 'POST', `${path}/deployments/${number}/finish`, { externalLink: { url: link } });
      return number;
    }
    const data =
      kind === 'cancel' || kind === 'retire'
        ? {}
        : { externalLink: { url: link }, ...(kind === 'start' ? { supersede: true } : {}) };
    return ask(sender, 'POST', `${path}/deployments/${ids[index]}/${verbs[kind]}`, data);
  },
  becomes: byRef,
  async readAll(ask, project, natives) {
    const { items } = (await ask('ann', 'GET', `/api/v1/deployments?project=${segment(project)}&limit=200`)).json;
    return inOrder(
      items,
      natives.map(({ id }) => id),
      ({ id }) => id,
    );
  },
  // It tells of decisions where it tells of events.
  shows: ({ decisions: _, ...shown }) => shown,
};
