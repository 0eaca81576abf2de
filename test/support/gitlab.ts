import { speaker } from './dialect.js';
import { API, TOKEN, unique, type Loose, type TestServer } from './server.js';

export const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';
/** A commit that no other has. */
export const shaOf = (n: number): string => n.toString(16).padStart(40, '0');

/** A client of GitLab that knows nothing but its routes, and what it looks up natively afterwards; the server may start later. */
export const gitlabClient = (api: () => TestServer) => {
  const ask: ReturnType<typeof speaker> = (...asked) => speaker(api().server.url, TOKEN)(...asked);
  return {
    ask,
    /** A project of its own. */
    aProject: (): { project: string; path: string } => {
      const project = `group/${unique('project')}`;
      return { project, path: `/api/v4/projects/${encodeURIComponent(project)}` };
    },
    create: async (path: string, body: object = {}): Promise<Loose> => {
      const deployment = { environment: 'production', sha: SHA, ref: 'main', tag: false, status: 'success', ...body };
      const made = await ask('POST', `${path}/deployments`, deployment);
      if (made.status !== 201) throw new Error(made.body);
      return made.json;
    },
    report: (path: string, id: number, status: string): Promise<Loose> =>
      ask('PUT', `${path}/deployments/${id}`, { status }),
    /** The same deployment as our own API shows it now. */
    native: async (id: number): Promise<Loose> => {
      const { position } = (await api().call(`${API}/status`)).body;
      return (await api().call(`${API}/deployments/${id}?min_position=${position}`)).body;
    },
    /** What is current on a target of a project, natively. */
    currentOf: async (project: string, target = 'production'): Promise<Loose> => {
      const { position } = (await api().call(`${API}/status`)).body;
      const query = `project=${encodeURIComponent(project)}&min_position=${position}`;
      const { items } = (await api().call(`${API}/current?${query}`)).body;
      return items.find((each: Loose) => each.target === target);
    },
  };
};
