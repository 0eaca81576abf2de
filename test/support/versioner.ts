import {
  uuidOfDeployment,
  uuidOfEnvironment,
  uuidOfProduct,
  uuidOfVersion,
} from '../../apps/server/src/facades/versioner/ids.js';
import type { Flock } from './canaries.js';
import { speaker } from './dialect.js';
import { API, TOKEN, unique, type Loose, type TestServer } from './server.js';

/** A client of Versioner that knows nothing but its routes, and what it looks up natively afterwards; the server may start later. */
export const versionerClient = (api: () => TestServer) => {
  const ask: ReturnType<typeof speaker> = (...asked) => speaker(api().server.url, TOKEN)(...asked);
  const position = async (): Promise<number> => (await api().call(`${API}/status`)).body.position;
  return {
    ask,
    /** A product of its own, deployed to production, and what reports of it. */
    product: (name = unique('product')) => {
      const target = async (key: string): Promise<Loose> => {
        const path = `${API}/projects/${encodeURIComponent(name)}/targets/${encodeURIComponent(key)}`;
        return (await api().call(`${path}?min_position=${await position()}`)).body;
      };
      return {
        name,
        deploy: (version: string, status: string, more: object = {}): Promise<Loose> =>
          ask('POST', '/deployment-events/', {
            product_name: name,
            version,
            environment_name: 'production',
            status,
            ...more,
          }),
        build: (version: string, status?: string, more: object = {}): Promise<Loose> =>
          ask('POST', '/build-events/', {
            product_name: name,
            version,
            ...(status === undefined ? {} : { status }),
            ...more,
          }),
        /** The target as our own API shows it. */
        target,
        current: async (key = 'production'): Promise<Loose> => (await target(key)).current,
        /** All deployments there, as our own API shows them, newest first. */
        history: async (target = 'production'): Promise<Loose[]> => {
          const path = `${API}/projects/${encodeURIComponent(name)}/targets/${encodeURIComponent(target)}/deployments`;
          return (await api().call(`${path}?min_position=${await position()}`)).body.items;
        },
        set: async (settings: object, target = 'production'): Promise<void> => {
          const body = { key: target, environmentType: 'production', settings };
          const made = await api().call(`${API}/projects/${encodeURIComponent(name)}/targets`, { body });
          if (made.status !== 201) throw new Error(made.text);
        },
        native: (path: string, body: object = {}, target = 'production'): Promise<Loose> =>
          api().call(`${API}/projects/${encodeURIComponent(name)}/targets/${encodeURIComponent(target)}${path}`, {
            body,
          }),
      };
    },
  };
};

/** Ids of everything that a project has, as clients of Versioner know them. */
export const uuidsOf = ({ ids, project, targets }: Flock, version: string): string[] => [
  ...ids.slice(0, 3).map((id) => uuidOfDeployment(Number(id))),
  uuidOfProduct(project),
  uuidOfEnvironment(targets[0]!),
  uuidOfVersion(project, version),
];

/** What could be reported of it, by route. */
export const reportsOf = (product_name: string, environment_name: string): Record<string, object> => {
  const build = { product_name, version: '1', status: 'completed' };
  return { '/deployment-events': { ...build, environment_name }, '/build-events': build, '/version-events': build };
};
