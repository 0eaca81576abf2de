import { randomUUID } from 'node:crypto';
import { fluent, kinds, type Kind } from './history.js';
import { segment, type Dialect } from './dialect.js';

const types: Readonly<Record<Kind, string>> = {
  begin: 'deployment.queued',
  start: 'deployment.started',
  succeed: 'deployment.finished',
  fail: 'deployment.finished',
  cancel: 'deployment.finished',
  retire: 'service.removed',
  rollback: 'service.rolledback',
};
const outcomes: Readonly<Record<string, string>> = { succeed: 'success', fail: 'failure', cancel: 'cancel' };
const linked: readonly Kind[] = ['begin', 'start', 'succeed', 'fail', 'rollback'];

/** Events alone: there is nothing to be read. They know versions, and no commits. */
export const cdevents: Dialect = {
  speech: { ...fluent, says: kinds, linked },
  async report(ask, project, { kind, index, told: { target, release }, link, sender }) {
    const [source, type] = ['/pipelines', `dev.cdevents.${types[kind]}.0.1.0`];
    const content = {
      ...{ environment: { id: target }, artifactId: release.ref, ...(linked.includes(kind) ? { url: link } : {}) },
      ...(outcomes[kind] ? { outcome: outcomes[kind] } : {}),
    };
    const event = { specversion: '1.0', id: randomUUID(), source, type, time: new Date().toISOString() };
    const id = type.includes('.service.') ? project : `deployment-${index}`;
    const data = { context: { ...event, timestamp: event.time }, subject: { id, content } };
    return ask(sender, 'POST', `/cdevents/${segment(project)}`, {
      ...event,
      datacontenttype: 'application/json',
      data,
    });
  },
  becomes: ({ release: { ref }, link }) => ({
    version: ref,
    commitRefs: [],
    externalLink: link === null ? null : { url: link },
  }),
};
