import { analyze, Databases } from '../frame/database.js';
import { fill, PROJECT, targetKey } from '../frame/fill.js';
import { Peer, withPeers } from '../frame/peer.js';
import { inTurn, type Contestant } from '../frame/rounds.js';
import type { Bench } from '../frame/row.js';
import { Service } from '../frame/service.js';
import type { LoadMethods } from '../rest/load.js';
import { getRequest } from '../rest/requests.js';

const TARGETS = 1_000;
const TENURES = 25;
const READS_A_ROUND = 1_000;

/** What is current at a moment of the past beside what is current now: one read at a time. */
export const benchAt: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const databaseUrl = await databases.create('at');
      const [targets, tenures] = settings.short ? [200, 3] : [TARGETS, TENURES];
      const events = await fill(databaseUrl, targets, tenures);
      const service = open(await Service.start({ databaseUrl, roles: 'api,projector' }));
      for (const path of ['/current', '/current?by=occurred', `/projects/${PROJECT}/targets/${targetKey(0)}/current`])
        await service.reach(path, events);
      const middle = await recordedAt(service, Math.floor(events / 2));
      await analyze(databaseUrl);
      await databases.settle();

      const reader = async (paths: readonly string[]): Promise<Contestant> => {
        const load = open(
          new Peer<LoadMethods>(new URL('../rest/load.js', import.meta.url), { args: [service.url.port] }),
        );
        await load.ask('use', paths.map(getRequest));
        const requests = settings.short ? READS_A_ROUND / 10 : READS_A_ROUND;
        return {
          round: async () => (1_000 * (await load.ask('run', { connections: 1, requests })).seconds) / requests,
          watched: [service.watched, databases.server, { title: 'generator', pid: load.pid }],
        };
      };
      const list = (moment: string): Promise<string[]> => service.pages(`/current?project=${PROJECT}${moment}`);
      const one = (moment: string): string[] =>
        Array.from(
          { length: targets },
          (_, index) => `/projects/${PROJECT}/targets/${targetKey(index)}/current${moment}`,
        );

      const pages = await inTurn(settings, await reader(await list(`&at=${middle}`)), await reader(await list('')));
      const single = await inTurn(settings, await reader(one(`?at=${middle}`)), await reader(one('')));
      const { megabytes } = service;
      const note = `${targets} targets with ${tenures} tenures each, ${events} events; as it was in their middle, one read at a time`;
      return [
        { name: 'current-at/now', ...pages, megabytes, note: `${note}, page after page of 50.` },
        { name: 'current-at/now, one', ...single, megabytes, note: `${note}, target after target.` },
      ];
    }),
  );

async function recordedAt(service: Service, position: number): Promise<string> {
  const { items } = (await service.get(`/events?after=${position - 1}&limit=1`)) as { items: [{ recordedAt: string }] };
  return items[0].recordedAt;
}
