import { randomUUID } from 'node:crypto';
import { fluent } from './history.js';
import { segment, type Dialect } from './dialect.js';

const predicates = {
  begin: 'queued',
  start: 'started',
  succeed: 'finished',
  fail: 'finished',
  cancel: 'finished',
} as const;
const outcomes: Readonly<Record<string, string>> = { succeed: 'success', fail: 'failure', cancel: 'cancel' };

/** Events alone: there is nothing to be read. They know versions, and no commits. */
export const cdevents: Dialect = {
  speech: { ...fluent, linked: ['begin', 'start', 'succeed', 'fail'] },
  async report(ask, project, { kind, index, told: { target, release }, link, sender }) {
    const [source, type] = ['/pipelines', `dev.cdevents.deployment.${predicates[kind]}.0.1.0`];
    const content = {
      ...{ environment: { id: target }, artifactId: release.ref, ...(kind === 'cancel' ? {} : { url: link }) },
      ...(outcomes[kind] ? { outcome: outcomes[kind] } : {}),
    };
    const event = { specversion: '1.0', id: randomUUID(), source, type, time: new Date().toISOString() };
    const data = { context: { ...event, timestamp: event.time }, subject: { id: `deployment-${index}`, content } };
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
