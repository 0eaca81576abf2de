import { inOrder, segment, type Dialect } from './dialect.js';
import { targets } from './history.js';

const verbs = { begin: 'schedule', start: 'start', succeed: 'finish', fail: 'fail' } as const;
const REPOSITORY = 'web-shop';
const of = (project: string): string => `/api/http/projects/key:${segment(project)}/automation`;
const shown: Readonly<Record<string, string>> = {
  blocked: 'SCHEDULED',
  scheduled: 'SCHEDULED',
  deploying: 'DEPLOYING',
  current: 'CURRENT',
  completed: 'OBSOLETE',
  failed: 'FAILED',
  canceled: 'FAILED',
  retired: 'OBSOLETE',
  rolled_back: 'OBSOLETE',
};

/** By branch, as its clients report: what is in flight is taken over by what begins, so one ends before another begins. */
export const space: Dialect = {
  speech: {
    says: ['begin', 'start', 'succeed', 'fail'],
    begins: 'scheduled',
    // Whatever a failure says beside its target is ignored.
    linked: ['begin', 'start', 'succeed'],
    overlaps: false,
    recovers: false,
    failsWaiting: false,
  },
  async prepare(ask, project) {
    for (const key of targets)
      await ask('ci', 'POST', `${of(project)}/deployment-targets`, { key, name: key, description: '' });
  },
  report: (ask, project, { kind, told: { target, release }, link, sender }) =>
    ask(sender, 'POST', `${of(project)}/deployments/${verbs[kind as keyof typeof verbs]}`, {
      targetIdentifier: `key:${target}`,
      version: release.ref,
      commitRefs: [{ repositoryName: REPOSITORY, branch: release.ref, commit: release.commit }],
      externalLink: { label: null, url: link },
    }),
  becomes: ({ release: { ref, commit }, link }) => ({
    version: ref,
    commitRefs: [{ repository: REPOSITORY, branch: ref, commit }],
    externalLink: link === null ? null : { url: link },
  }),
  async readAll(ask, project, natives) {
    const { data } = (await ask('ann', 'GET', `${of(project)}/deployments?$top=1000`)).json;
    const ids = natives.map(({ id }) => String(id));
    return inOrder<(typeof data)[number]>(data, ids, ({ id }) => id).map(
      ({ id, version, status, targetKey, commitRefs, externalLink, target }) => ({
        ...{ id, version, status, targetKey, url: externalLink?.url ?? null, isCurrent: target.current?.id === id },
        refs: commitRefs.map((ref: Record<string, string>) => [ref['repositoryName'], ref['branch'], ref['commit']]),
      }),
    );
  },
  // It shows nobody.
  shows: ({ id, version, status, target, commitRefs, externalLink }) => ({
    ...{ id: String(id), version, status: shown[status], targetKey: target, url: externalLink?.url ?? null },
    isCurrent: status === 'current',
    refs: commitRefs.map(({ repository, branch, commit = '' }) => [repository, branch, commit]),
  }),
};
