import { speaker } from './dialect.js';
import { API, TOKEN, unique, type Loose, type TestServer } from './server.js';

/** A client of Space that knows nothing but its routes, and what it looks up natively afterwards; the server may start later. */
export const spaceClient = (api: () => TestServer) => {
  const ask: ReturnType<typeof speaker> = (...asked) => speaker(api().server.url, TOKEN)(...asked);
  /** A project of its own with a target, and the paths to its routes. */
  const place = async (more: object = {}): Promise<{ project: string; at: string; targets: string }> => {
    const project = unique('project');
    const below = `/api/http/projects/key:${project}/automation`;
    const targets = `${below}/deployment-targets`;
    const made = await ask('POST', targets, { key: 'production', name: 'Production', description: '', ...more });
    if (made.status !== 200) throw new Error(made.body);
    return { project, at: `${below}/deployments`, targets };
  };
  return {
    ask,
    place,
    /** Reports of the target, as a pipeline does. */
    report: async (at: string, verb: string, more: object = {}, asked: Loose = {}): Promise<Loose> => {
      const answered = await ask('POST', `${at}/${verb}`, { targetIdentifier: 'key:production', ...more }, asked);
      if (answered.status !== 200) throw new Error(`${verb}: ${answered.body}`);
      return answered.json;
    },
    /** The deployments of the target as our own API shows them now, newest first. */
    native: async (project: string, target = 'production'): Promise<Loose[]> => {
      const { position } = (await api().call(`${API}/status`)).body;
      const path = `${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(target)}/deployments`;
      return (await api().call(`${path}?min_position=${position}`)).body.items;
    },
  };
};

/** A commit ref as clients of Space send it. */
export const refOf = (branch: string, commit?: string) => ({
  repositoryName: 'web-shop',
  branch,
  ...(commit === undefined ? {} : { commit }),
});

/** What its routes that write take, about this target. */
export const spaceBodies = (key: string): Array<[string, object]> => {
  const at = '/api/http/projects/:projectIdentifier/automation';
  const target = { targetIdentifier: `key:${key}`, version: '1' };
  return [
    [`${at}/deployment-targets`, { key: 'new', name: 'New', description: '' }],
    [`${at}/deployment-targets/:targetIdentifier`, { name: 'Other' }],
    [`${at}/deployments`, { ...target, deploymentIdentifier: 'status:current' }],
    ...['schedule', 'start', 'finish', 'fail'].map((verb): [string, object] => [`${at}/deployments/${verb}`, target]),
    ['/api/http/projects/automation/deployment-targets/search', { expression: { filters: [] } }],
  ];
};
