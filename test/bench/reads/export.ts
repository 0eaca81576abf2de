import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

import pg from 'pg';

import { Databases } from '../frame/database.js';
import { withPeers } from '../frame/peer.js';
import { inTurn } from '../frame/rounds.js';
import type { Bench } from '../frame/row.js';
import { Service, TOKEN } from '../frame/service.js';
import { CopyOut } from './copy-out.js';
import { fillLog } from './fill-log.js';

const EVENTS = 1_000_000;

/** The whole log as NDJSON over HTTP, beside a COPY of the same columns to the same process. */
export const benchExport: Bench = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const databaseUrl = await databases.create('export');
      await fillLog(databaseUrl, settings.short ? 20_000 : EVENTS);
      const service = open(await Service.start({ databaseUrl, roles: 'api' }));
      await databases.settle();
      const client = { title: 'client', pid: process.pid };
      const sides = await inTurn(
        settings,
        { round: () => readExport(service.url), watched: [service.watched, databases.server, client] },
        { round: () => readCopy(databaseUrl), watched: [databases.server, client] },
      );
      const note = 'The whole log, read by one client in Node that counts lines; the COPY has the same columns.';
      return [{ name: 'export/copy', ...sides, megabytes: service.megabytes, note }];
    }),
  );

/** Events a second. */
async function readExport(url: URL): Promise<number> {
  const began = performance.now();
  const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/x-ndjson' };
  const asked = get(new URL('/api/v1/events', url), { headers, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let events = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) events += 1;
  }
  if (response.statusCode !== 200 || !response.complete) throw new Error('The export was cut.');
  return (1_000 * events) / (performance.now() - began);
}

async function readCopy(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const columns = 'position, stream, version, type, data, metadata, command_id, occurred_at, recorded_at';
  const began = performance.now();
  const copied = client.query(new CopyOut(`copy (select ${columns} from events order by position) to stdout`));
  const { rows } = await copied.done();
  const seconds = (performance.now() - began) / 1_000;
  await client.end();
  return rows / seconds;
}
