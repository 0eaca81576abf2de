import { speaker } from './dialect.js';
import { API, TOKEN, unique, type Loose, type TestServer } from './server.js';

/** Where a deployment is reported in a test: an environment of a pipeline, and its number. */
export type Named = Readonly<{ pipeline: string; environment: string; sequence: number | string }>;

/** A report as the documentation of Jira has it; `more` goes before. */
export const reportOf = ({ pipeline, environment, sequence }: Named, more: object = {}): Loose => ({
  schemaVersion: '1.0',
  deploymentSequenceNumber: sequence,
  updateSequenceNumber: 1,
  displayName: `Deployment ${sequence}`,
  url: 'https://ci.example/1',
  description: 'by the pipeline',
  lastUpdated: '2026-01-20T23:27:25.000Z',
  label: `1.0.${sequence}`,
  state: 'pending',
  pipeline: { id: pipeline, displayName: 'The pipeline', url: 'https://ci.example' },
  environment: { id: environment, displayName: 'The place', type: 'production' },
  ...more,
});

/** What the routes take that report: a report of this. */
export const jiraBodies = (one: Named): Readonly<Record<string, object>> =>
  Object.fromEntries(
    ['/rest/deployments/0.1', '/jira/deployments/0.1/cloud/:cloudId'].map((base) => [
      `${base}/bulk`,
      { deployments: [reportOf(one)] },
    ]),
  );

/** A client of Jira that knows nothing but its routes, and what it looks up natively afterwards; the server may start later. */
export const jiraClient = (api: () => TestServer) => {
  const ask: ReturnType<typeof speaker> = (...asked) => speaker(api().server.url, TOKEN)(...asked);
  const base = '/rest/deployments/0.1';
  return {
    ask,
    /** A pipeline of its own. */
    named: (sequence: number | string = 1): Named => ({
      pipeline: unique('pipeline'),
      environment: 'production',
      sequence,
    }),
    pathOf: ({ pipeline, environment, sequence }: Named): string =>
      `${base}/pipelines/${encodeURIComponent(pipeline)}/environments/${encodeURIComponent(environment)}/deployments/${sequence}`,
    submit: async (deployments: readonly object[], more: object = {}): Promise<Loose> => {
      const said = await ask('POST', `${base}/bulk`, { deployments, ...more });
      if (said.status !== 202) throw new Error(said.body);
      return said.json;
    },
    /** The deployments of its target as our own API shows them now, oldest first. */
    native: async ({ pipeline, environment }: Named): Promise<Loose[]> => {
      const { position } = (await api().call(`${API}/status`)).body;
      const path = `${API}/projects/${encodeURIComponent(pipeline)}/targets/${encodeURIComponent(environment)}/deployments`;
      return (await api().call(`${path}?min_position=${position}`)).body.items.toReversed();
    },
  };
};
