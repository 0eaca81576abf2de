import { fillProject, shared, tokenOf } from '../../support/canaries.js';
import { birdsIn, hear, readsOf, type Asked } from '../../support/crawl.js';
import { projectValues } from '../../support/project-values.js';
import { routesWhile, type Route } from '../../support/routes.js';
import { API, startTestServer } from '../../support/server.js';
import { checkReach } from '../checkers/index.js';
import { callerOf, must, type Place, type Probe } from './place.js';

const ENDLESS = 'text/event-stream';
const PATIENCE_MS = 60_000;

/** Every read of the API and the dialects, about nothing or its own project, and with every filter about another, by a token that has one of two that are full. */
export const probeIsolation: Probe = async (place) => {
  const caller = callerOf(place);
  const both = shared();
  const other = await fillProject(caller, both);
  const mine = await fillProject(caller, both);
  const scopes = ['deployments:write', 'targets:write', 'admin'];
  const { token } = await tokenOf(caller, { name: mine.bird('probe'), scopes, projects: [mine.project] });
  await untilShown(place, mine.position);
  const routes = await routesOf(place);
  const asked = [
    ...readsOf(routes, projectValues(mine, both)).filter(isPlain),
    ...readsOf(routes, projectValues(other, both)),
  ];
  const heard = await hear(place.urls[0]!, asked.filter(ends), token);
  const own = heard.filter((each) => birdsIn(each, mine.name).length > 0);
  if (own.length === 0) throw new Error('The token of the probe gets nothing of its own project either.');
  return checkReach(heard.map((each) => ({ path: each.sent.path, foreign: birdsIn(each, other.name) })));
};

/** From an application that is started for nothing else: no list of routes that could be forgotten. */
const routesOf = async ({ databaseUrl, token }: Place): Promise<readonly Route[]> => {
  const database = { url: databaseUrl, drop: () => Promise.resolve() };
  const env = { SHIPLOG_ROLES: 'api', SHIPLOG_ADMIN_TOKEN: token };
  const { made, routes } = await routesWhile(() => startTestServer(database, env));
  await made.server.close();
  return routes;
};

const isPlain = ({ sent }: Asked): boolean => !sent.path.includes('?');
const ends = ({ sent }: Asked): boolean => sent.headers?.['accept'] !== ENDLESS;

const untilShown = async (place: Place, position: number): Promise<void> => {
  const { call } = callerOf(place);
  for (const late = performance.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const { projections } = must(await call<{ projections: { position: number }[] }>(`${API}/status`)).body;
    if (projections.every((view) => view.position >= position)) return;
    if (performance.now() > late) throw new Error(`The views have not come to ${position}.`);
  }
};
