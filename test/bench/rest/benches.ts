import type { RowName } from '../frame/bounds.js';
import { analyze, Databases } from '../frame/database.js';
import { fill, PROJECT, targetKey } from '../frame/fill.js';
import { Peer, withPeers } from '../frame/peer.js';
import { inTurn } from '../frame/rounds.js';
import type { Bench, Row, Settings } from '../frame/row.js';
import { Service } from '../frame/service.js';
import type { Bare } from './bare.js';
import { COUNTER, getRequest, postRequest } from './requests.js';
import { rivalOf, type Traffic } from './rival.js';

const TARGETS = 1_000;
const LONGEST_PAGE = 200;

type Compared = Readonly<{
  row: RowName;
  roles: string;
  /** Where each side has its own database: what one writes is not for the other to read. */
  writes: boolean;
  traffic: Traffic;
  templates(
    service: Service,
  ): Promise<Readonly<{ ours: readonly string[]; theirs: readonly string[]; pages?: number }>>;
  note: string;
}>;

/** The service beside bare Fastify, each with a generator of its own, on databases filled alike. */
const compare = (settings: Settings, { row, roles, writes, traffic, templates, note }: Compared): Promise<Row> =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const ours = await databases.create('service');
      const theirs = writes ? await databases.create('bare') : ours;
      const position = await fill(ours, TARGETS, 2);
      if (writes) await fill(theirs, TARGETS, 2);
      const service = open(await Service.start({ databaseUrl: ours, roles }));
      if (!writes) await service.reach(`/current?project=${PROJECT}`, position);
      const bare = open(new Peer<Bare>(new URL('./bare.js', import.meta.url), { args: [theirs] }));
      const asked = await templates(service);
      if (!writes) await analyze(ours);
      await databases.settle();
      const { server } = databases;
      const sides = [
        {
          port: Number(service.url.port),
          templates: asked.ours,
          pages: asked.pages ?? 1,
          watched: [service.watched, server],
        },
        {
          port: await bare.ask('port'),
          templates: asked.theirs,
          pages: 1,
          watched: [{ title: 'bare Fastify', pid: bare.pid }, server],
        },
      ];
      const [first, second] = [
        await rivalOf(open, sides[0]!, scaled(settings, traffic)),
        await rivalOf(open, sides[1]!, scaled(settings, traffic)),
      ];
      const measured = await inTurn(settings, first, second);
      const connections = `Connections: service ${first.connections}, bare Fastify ${second.connections}.`;
      return { name: row, ...measured, megabytes: service.megabytes, note: `${note} ${connections}` };
    }),
  );

const scaled = ({ short }: Settings, traffic: Traffic): Traffic =>
  short ? { times: Math.ceil(traffic.times / 20), connections: traffic.connections.slice(0, 1) } : traffic;

const everyTarget = (make: (path: string) => string): string[] =>
  Array.from({ length: TARGETS }, (_, index) => make(`/projects/${PROJECT}/targets/${targetKey(index)}`));

const both = async (templates: string[]): Promise<{ ours: string[]; theirs: string[] }> => ({
  ours: templates,
  theirs: templates,
});

/** A success reported for one target after the other. */
export const restFinish: Bench = async (settings) => [
  await compare(settings, {
    row: 'rest-finish/bare',
    roles: 'api',
    writes: true,
    traffic: { times: 12_000, connections: [64, 128, 256] },
    templates: () => {
      const commitRefs = [{ repository: 'web-shop', branch: 'main', commit: COUNTER.padStart(40, 'a') }];
      return both(everyTarget((path) => postRequest(`${path}/finish`, { version: COUNTER, commitRefs })));
    },
    note: `A new version on one of ${TARGETS} targets after the other. Bare Fastify checks the body by its Ajv, hands the command to a waist of its own and serialises the same answer; no token, no key of its own for the command.`,
  }),
];

/** What is current on one target. */
export const restCurrent: Bench = async (settings) => [
  await compare(settings, {
    row: 'rest-current/pool',
    roles: 'api,projector',
    writes: false,
    traffic: { times: 30_000, connections: [64, 256] },
    templates: () => both(everyTarget((path) => getRequest(`${path}/current`))),
    note: `One of ${TARGETS} targets after the other. Bare Fastify asks a pg.Pool as it comes for the row and serialises the same JSON.`,
  }),
];

/** What is current on all targets. */
export const restList: Bench = async (settings) => [
  await compare(settings, {
    row: 'rest-list/sql',
    roles: 'api,projector',
    writes: false,
    traffic: { times: 300, connections: [4, 16] },
    templates: async (service) => {
      const list = `/current?project=${PROJECT}`;
      const pages = await service.pages(`${list}&limit=${LONGEST_PAGE}`);
      return { ours: pages.map(getRequest), theirs: [getRequest(list)], pages: pages.length };
    },
    note: `All ${TARGETS} targets again and again: ours in ${TARGETS / LONGEST_PAGE} pages of ${LONGEST_PAGE}, which is the longest that there is; bare Fastify at once, as the one text that PostgreSQL makes of them.`,
  }),
];
