import { request } from 'node:http';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createPool, inTransaction } from '#event-store';
import { API, TOKEN, newTarget, rowsOf, type Loose, unique, type Reply } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { startServer } from '../../server.js';
import { LogReader } from './log-reader.js';

const NDJSON = { accept: 'application/x-ndjson' };

const api = suiteServer({}, startServer);

const paged = async (query = ''): Promise<Loose[]> => {
  const items: Loose[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body }: Reply = await api.call(`${API}/events?limit=7${query}${cursor && `&cursor=${cursor}`}`);
    items.push(...body.items);
    cursor = body.nextCursor;
  }
  return items;
};
const lines = async (query = ''): Promise<Loose[]> => {
  const { text } = await api.call(`${API}/events?${query}`, { headers: NDJSON });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
};

describe('the log', () => {
  let project: string;
  let store: string;
  beforeAll(async () => {
    const made = await newTarget(api);
    project = made.project;
    await api.call(`${API}/projects/${project}/targets`, { body: { key: 'other/one' } });
    for (let n = 1; n <= 10; n += 1) await api.call(`${made.path}/finish`, { body: { version: `${n}` } });
    // Its name begins with the other's.
    await api.call(`${API}/projects/${project}x/targets`, { body: { key: 'production' } });
    store = (await rowsOf(api.database, 'select store_id from log'))[0].store_id;
  });

  it('shows each event once, in order, without a gap', async () => {
    const events = await paged();
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ id, position }) => id === `${store}/${position}`)).not.toContain(false);
  });

  it('shows an event as api.md has it', async () => {
    const [, , finished] = await paged(`&project=${project}`);
    expect(Object.keys(finished)).toEqual([
      'position',
      'id',
      'type',
      'project',
      'target',
      'version',
      'number',
      'occurredAt',
      'recordedAt',
      'actor',
      'commandId',
      'data',
    ]);
    expect(finished).toMatchObject({
      type: 'DeploymentFinished',
      project,
      target: 'production',
      version: 2,
      number: 1,
      actor: { id: 'admin', kind: 'service' },
      data: {
        number: 1,
        from: null,
        status: 'current',
        version: '1',
        commitRefs: [],
        externalLink: null,
        metadata: {},
      },
    });
    expect((await paged(`&project=${project}`))[0]).toMatchObject({
      type: 'TargetCreated',
      number: null,
      data: { key: 'production' },
    });
  });

  it('is the same in lines as in pages', async () => {
    expect(await lines()).toEqual(await paged());
    expect(await lines(`project=${project}&after=3`)).toEqual(await paged(`&project=${project}&after=3`));
    expect((await lines('limit=5')).length).toBe(5);
  });

  it('is the same byte for byte, whatever was sent, with the names of people put in', async () => {
    const { project: own, path } = await newTarget(api, { description: 'one\ntwo "ü" 😀 \u2028' });
    const metadata = { 10: 'a', 9: 1.25, claimedBy: { id: 'nobody' }, 'x"y': '\\n' };
    const claimedBy = { id: 'ann', name: 'Ann "Ü" O’Hara' };
    for (const body of [{ version: '1', metadata, claimedBy }, { version: `2 "two"` }])
      expect((await api.call(`${path}/finish`, { body })).status).toBe(201);
    const { text: page } = await api.call(`${API}/events?project=${own}&limit=200`);
    const { text } = await api.call(`${API}/events?project=${own}`, { headers: NDJSON });
    expect(page).toBe(`{"items":[${text.trimEnd().replaceAll('\n', ',')}],"nextCursor":null}`);
    const [, first] = text.split('\n').map((line) => line && JSON.parse(line));
    expect(first.data).toMatchObject({ metadata, claimedBy });
  });

  it('filters by project, target and type, exactly', async () => {
    const all = await paged();
    const of = (test: (event: Loose) => boolean) => all.filter(test);
    expect(await paged(`&project=${project}`)).toEqual(of((event) => event.project === project));
    expect(await paged(`&project=${project}&target=other/one`)).toEqual(
      of((event) => event.target === 'other/one' && event.project === project),
    );
    expect(await paged('&target=production')).toEqual(of((event) => event.target === 'production'));
    const types = ['TargetCreated', 'DeploymentSuperseded'];
    expect(await paged(`&type=${types[0]}&type=${types[1]}`)).toEqual(of((event) => types.includes(event.type)));
    expect(await paged(`&project=${unique('none')}`)).toEqual([]);
  });

  it('says that lines are lines', async () => {
    const { status, headers } = await api.call(`${API}/events`, { headers: NDJSON });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect((await api.call(`${API}/events?cursor=x`, { headers: NDJSON })).status).toBe(400);
  });
});

describe('a read that takes too long', () => {
  it('is ended, and says so', async () => {
    const pool = createPool({ connectionString: api.database.url, max: 1 });
    const refused = inTransaction(pool, async (tx) => {
      await tx.query('lock table events in access exclusive mode');
      return api.call(`${API}/events?target=none`);
    });
    const { status, headers, body } = await refused.finally(() => pool.end());
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '5']);
    expect(body.detail).toMatch(/took too long.*ask for less/);
  }, 15_000);
});

describe('a client that does not read', () => {
  const LAST = 12_000;
  const AT_ONCE = 200;
  const piece = `${'x'.repeat(9_000)}\n`.repeat(AT_ONCE);

  it('makes the server wait, and not read on', async () => {
    let pages = 0;
    const spy = jest.spyOn(LogReader.prototype, 'lines').mockImplementation(async function* () {
      for (; pages < LAST / AT_ONCE; pages += 1) yield piece;
    });
    const resume = await openAndStall(`${API}/events?project=p`);
    for (let before = -1; pages > before; await new Promise((resolve) => setTimeout(resolve, 300))) before = pages;
    expect(pages).toBeLessThan(20);
    expect(await resume()).toBe(LAST);
    spy.mockRestore();
  }, 60_000);

  /** Opens a stream, reads nothing of it, and answers how to read the rest: the number of lines. */
  const openAndStall = (path: string): Promise<() => Promise<number>> =>
    new Promise((resolve, reject) => {
      const headers = { ...NDJSON, authorization: `Bearer ${TOKEN}` };
      const asked = request(`${api.server.url}${path}`, { headers }, (response) => {
        response.pause();
        resolve(async () => {
          let found = 0;
          for await (const chunk of response) for (const byte of chunk as Buffer) if (byte === 0x0a) found += 1;
          return found;
        });
      });
      asked.on('error', reject).end();
    });
});
