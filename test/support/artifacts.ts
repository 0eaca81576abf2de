import { githubClient } from './github.js';
import { API, unique, type Loose, type TestServer } from './server.js';

export const digestOf = (n: number): string => `sha256:${n.toString(16).padStart(64, '0')}`;

/** What clusters report, of images and organizations of their own, and what it is natively; the server may start later. */
export const artifactsClient = (api: () => TestServer) => {
  const { ask } = githubClient(api);
  const image = () => {
    const [org, repo] = [unique('org'), unique('shop')];
    const records = `/api/v3/orgs/${org}/artifacts/metadata/deployment-record`;
    const project = `${org}/${repo}`;
    const said = (more: object = {}): Loose => ({
      ...{ name: `ghcr.io/${project}`, digest: digestOf(1), version: '1.2.3', status: 'deployed' },
      ...{
        logical_environment: 'prod',
        physical_environment: 'eu-1',
        cluster: 'moda-1',
        deployment_name: 'shop/web/app',
      },
      ...more,
    });
    return {
      org,
      project,
      records,
      said,
      record: (more: object = {}, headers: Record<string, string> = {}) =>
        ask('POST', records, said(more), { headers }),
      /** Its deployments as our own API shows them, newest first. */
      natives: async (): Promise<Loose[]> => {
        const { position } = (await api().call(`${API}/status`)).body;
        const path = `${API}/deployments?project=${encodeURIComponent(project)}&min_position=${position}`;
        return (await api().call(path)).body.items;
      },
    };
  };
  return { ask, image };
};
