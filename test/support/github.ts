import { speaker } from './dialect.js';
import { API, TOKEN, unique, type Loose, type TestServer } from './server.js';

/** A client of GitHub that knows nothing but its routes, and what it looks up natively afterwards; the server may start later. */
export const githubClient = (api: () => TestServer) => {
  const ask: ReturnType<typeof speaker> = (...asked) => speaker(api().server.url, TOKEN)(...asked);
  return {
    ask,
    /** A repository of its own. */
    repository: (): { project: string; path: string } => {
      const project = `octocat/${unique('repo')}`;
      return { project, path: `/api/v3/repos/${project}` };
    },
    create: async (path: string, body: object = {}): Promise<Loose> => {
      const made = await ask('POST', `${path}/deployments`, { ref: 'main', ...body });
      if (made.status !== 201) throw new Error(made.body);
      return made.json;
    },
    report: (path: string, id: number, state: string, more: object = {}): Promise<Loose> =>
      ask('POST', `${path}/deployments/${id}/statuses`, { state, ...more }),
    statesOf: async (path: string, id: number): Promise<string[]> =>
      (await ask('GET', `${path}/deployments/${id}/statuses`)).json.map(({ state }: Loose) => state),
    /** The same deployment as our own API shows it now. */
    native: async (id: number): Promise<Loose> => {
      const { position } = (await api().call(`${API}/status`)).body;
      return (await api().call(`${API}/deployments/${id}?min_position=${position}`)).body;
    },
  };
};
