import { measuredDialects, type DialectCall, type MeasuredDialect } from '../frame/bounds.js';
import { analyze, Databases } from '../frame/database.js';
import { targetKey } from '../frame/fill.js';
import { Peer, withPeers } from '../frame/peer.js';
import { roundsOf } from '../frame/rounds.js';
import type { Bench, Row, Settings, Side } from '../frame/row.js';
import { Service } from '../frame/service.js';
import { Usage } from '../frame/usage.js';
import { dialectCalls, nativeCalls, type Calls, type Listed } from './dialect-calls.js';
import type { LoadMethods, Template } from './load.js';

const TARGETS = 10;
const DEPLOYMENTS = 1_000;
/** Fewer than targets: whoever reports of a target has ended before somebody else begins. */
const FILLING = 4;
const A_ROUND: Readonly<Record<DialectCall, number>> = { report: 100, one: 600, list: 200 };
const SHORT = 20;
/** What each generator reports is new. */
const OWN_NUMBERS = 1_000_000;

type Open = Parameters<Parameters<typeof withPeers>[0]>[0];

type Measuring = Readonly<{
  settings: Settings;
  service: Service;
  databases: Databases;
  /** A generator of its own for each comparison. */
  loadOf(open: Open): Peer<LoadMethods>;
}>;

/** Each dialect beside our own routes, on the same rows, in one service; one call at a time, as a caller waits for it. */
export const dialects: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const databaseUrl = await databases.create('dialects');
      const service = open(await Service.start({ databaseUrl, roles: 'api,projector' }));
      let generators = 0;
      const loadOf: Measuring['loadOf'] = (opening) => {
        generators += 1;
        const args = [service.url.port, String(generators * OWN_NUMBERS)];
        return opening(new Peer<LoadMethods>(new URL('./load.js', import.meta.url), { args }));
      };
      const measuring = { settings, service, databases, loadOf };
      for (const dialect of measuredDialects) await fill(measuring, dialectCalls[dialect]);
      await analyze(databaseUrl);
      await databases.settle();
      const rows: Row[] = [];
      // Reports change what is read: they come last.
      for (const dialect of measuredDialects) rows.push(...(await reads(measuring, dialect)));
      for (const dialect of measuredDialects) rows.push(await reports(measuring, dialect));
      return rows.map((row) => ({ ...row, megabytes: service.megabytes }));
    }),
  );

const targets = Array.from({ length: TARGETS }, (_, index) => targetKey(index));

/** By the dialect itself, so that what only it keeps is there to be read. */
async function fill({ settings, service, loadOf }: Measuring, { project, report }: Calls): Promise<void> {
  const path = `/projects/${encodeURIComponent(project)}/targets`;
  for (const key of [...targets, NATIVELY, BY_DIALECT]) await service.post(path, { key });
  const requests = settings.short ? DEPLOYMENTS / SHORT : DEPLOYMENTS;
  await withPeers(async (open) => {
    const load = loadOf(open);
    await load.ask('use', targets.map(report));
    await load.ask('run', { connections: FILLING, requests });
  });
  const { position } = (await service.get('/status')) as { position: number };
  await service.reach(`/deployments?project=${encodeURIComponent(project)}`, position);
}

/** Where each side reports: what one of them wrote is not in the way of the other. */
const [NATIVELY, BY_DIALECT] = ['reported-natively', 'reported-by-dialect'];

async function reads(measuring: Measuring, dialect: MeasuredDialect): Promise<Row[]> {
  const { project, one, list } = dialectCalls[dialect];
  const native = nativeCalls(dialectCalls[dialect]);
  const rows: Row[] = [];
  if (one) {
    const path = `/deployments?project=${encodeURIComponent(project)}&limit=200`;
    const { items } = (await measuring.service.get(path)) as { items: Listed[] };
    rows.push(await compare(measuring, { dialect, call: 'one', ours: items.map(one), theirs: items.map(native.one) }));
  }
  if (list) rows.push(await compare(measuring, { dialect, call: 'list', ours: [list], theirs: [native.list] }));
  return rows;
}

function reports(measuring: Measuring, dialect: MeasuredDialect): Promise<Row> {
  const ours = [dialectCalls[dialect].report(BY_DIALECT)];
  const theirs = [nativeCalls(dialectCalls[dialect]).report(NATIVELY)];
  return compare(measuring, { dialect, call: 'report', ours, theirs });
}

type Compared = Readonly<{
  dialect: MeasuredDialect;
  call: DialectCall;
  ours: readonly Template[];
  theirs: readonly Template[];
}>;

async function compare(measuring: Measuring, { dialect, call, ours, theirs }: Compared): Promise<Row> {
  const { settings, service, databases, loadOf } = measuring;
  const requests = Math.ceil(settings.short ? A_ROUND[call] / SHORT : A_ROUND[call]);
  const measured = await withPeers(async (open) => {
    const load = loadOf(open);
    const usage = new Usage([service.watched, databases.server, { title: 'generator', pid: load.pid }]);
    const round = () => load.ask('alternate', { sides: [ours, theirs], requests });
    await round();
    const rounds: Array<readonly [number, number]> = [];
    for (let count = 0; count < roundsOf(settings); count += 1) rounds.push(await usage.during(round));
    const sideOf = (side: 0 | 1): Side => ({ rounds: rounds.map((each) => each[side]), load: usage.load() });
    return { ours: sideOf(0), theirs: sideOf(1) };
  });
  const note = `A project with ${DEPLOYMENTS} deployments on ${TARGETS} targets, made by the dialect; one call at a time.`;
  return { name: `${dialect} ${call}/native`, ...measured, note };
}
