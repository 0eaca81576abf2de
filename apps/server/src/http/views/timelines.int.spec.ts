import { beforeAll, describe, expect, it } from '@jest/globals';
import { API, newTarget, unique, type Loose, type Reply } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const ref = (commit: string) => [{ repository: 'shop', branch: 'main', commit }];
const itemsOf = async (path: string): Promise<Loose[]> => {
  const items: Loose[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const { status, body, headers }: Reply = await api.call(next);
    expect([next, status]).toEqual([next, 200]);
    items.push(...body.items);
    const link: string | undefined = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    next = link?.slice(api.server.url.length);
  }
  return items;
};

describe('The timeline of a target', () => {
  let path: string;
  let project: string;
  let at: string;
  let all: Loose[];
  beforeAll(async () => {
    ({ path, project } = await newTarget(api));
    await api.call(`${path}/start`, { body: { version: '1' } });
    await api.call(`${path}/finish`, { body: {} });
    const { body } = await api.call(`${path}/finish`, { body: { version: '2' } });
    at = `${path}/timeline?min_position=${body.position}`;
    all = await itemsOf(at);
  });

  it('has all its events, oldest first, as the log shows them', async () => {
    expect(all.map(({ type, version }) => [type, version])).toEqual([
      ['TargetCreated', 1],
      ['DeploymentStarted', 2],
      ['DeploymentFinished', 3],
      ['DeploymentSuperseded', 4],
      ['DeploymentFinished', 5],
    ]);
    expect((await api.call(`${API}/events?project=${project}&target=production`)).body.items).toEqual(all);
    expect(await itemsOf(`${at}&limit=2`)).toEqual(all);
  });

  it('filters by type and by when an event was recorded', async () => {
    const versions = async (query: string) => (await itemsOf(`${at}&limit=1&${query}`)).map(({ version }) => version);
    expect(await versions('type=DeploymentFinished')).toEqual([3, 5]);
    expect(await versions('type=DeploymentFinished&type=TargetCreated')).toEqual([1, 3, 5]);
    expect(await versions(`from=${all[1].recordedAt}&to=${all[3].recordedAt}`)).toEqual([2, 3]);
    expect(await versions(`from=${all[3].recordedAt}&type=DeploymentFinished`)).toEqual([5]);
    expect(await versions('to=2020-01-01T00:00:00Z')).toEqual([]);
    expect((await api.call(`${at}&status=current`)).status).toBe(400);
  });

  it('goes on from its cursor while events are added', async () => {
    const first = (await api.call(`${at}&limit=4`)).body;
    const { body } = await api.call(`${path}/finish`, { body: { version: '3' } });
    const second = await api.call(`${path}/timeline?limit=4&cursor=${first.nextCursor}&min_position=${body.position}`);
    expect([...first.items, ...second.body.items].map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect((await api.call(`${path}/timeline?cursor=${first.nextCursor}&type=TargetCreated`)).status).toBe(400);
  });

  it('is of what is there: a target that came back has its whole past', async () => {
    const { path: other } = await newTarget(api);
    const { body: gone } = await api.call(other, { method: 'DELETE' });
    expect((await api.call(`${other}/timeline?min_position=${gone.position}`)).body.code).toBe('target_not_found');
    const { body } = await api.call(other.replace(/\/production$/, ''), { body: { key: 'production' } });
    const items = await itemsOf(`${other}/timeline?min_position=${body.position}`);
    expect(items.map(({ type }) => type)).toEqual(['TargetCreated', 'TargetDeleted', 'TargetCreated']);
    expect((await api.call(`${path}x/timeline`)).body.code).toBe('target_not_found');
  });
});

describe('A target is explained', () => {
  it('by the events that made it what it is, in plain words', async () => {
    const settings = { hanging: { enabled: true, afterMinutes: 30 } };
    const { path, project } = await newTarget(api, { settings });
    await api.call(`${path}/finish`, { body: { version: '1.3.9' } });
    await api.call(`${path}/start`, { body: { version: '1.4.0', commitRefs: ref('abc1234') } });
    const finished = await api.call(`${path}/finish`, {
      body: { version: '1.4.0', claimedBy: { id: 'ann', name: 'Ann' } },
    });
    await api.call(`${path}/schedule`, { body: { version: '1.6.0', commitRefs: ref('fff') } });
    const { body } = await api.call(`${path}/start`, { body: { version: '1.5.0' } });
    const asked = await api.call(`${path}/explain?min_position=${body.position}`);
    const { recordedAt } = (await itemsOf(`${path}/deployments/4/timeline`))[0];
    const hangsAt = new Date(Date.parse(recordedAt) + 30 * 60_000).toISOString().slice(0, 22);
    expect([asked.status, asked.body]).toMatchObject([
      200,
      {
        project,
        target: 'production',
        version: 7,
        summary: expect.stringMatching(
          /^1\.4\.0 \(#2\) runs on production since .*, 1\.5\.0 \(#4\) is deploying and 1\.6\.0 \(#3\) is scheduled\.$/,
        ),
        current: {
          number: 2,
          version: '1.4.0',
          status: 'current',
          eventCount: 3,
          events: [
            { type: 'DeploymentStarted', number: 2, says: 'admin started 1.4.0 (#2) from shop:main@abc1234.' },
            { type: 'DeploymentSuperseded', number: 1, says: '1.3.9 (#1) was completed, as #2 took its place.' },
            {
              type: 'DeploymentFinished',
              position: finished.body.position,
              says: 'admin (for Ann) finished 1.4.0 (#2), which replaced 1.3.9 (#1).',
            },
          ],
        },
        stopped: null,
        inFlight: [
          { number: 4, expects: [{ kind: 'hanging', at: expect.stringContaining(hangsAt) }], events: [{ version: 7 }] },
        ],
        waiting: [{ number: 3, status: 'scheduled' }],
        omitted: 0,
        settings: {
          set: { type: 'TargetCreated', says: 'admin created the target production.' },
          says: ['What is deploying for 30 minutes becomes hanging.'],
        },
      },
    ]);
    const again = await api.call(`${path}/explain`, { headers: { 'if-none-match': asked.headers.get('etag')! } });
    expect(again.status).toBe(304);
  });

  it('where nothing runs by what ended the last, and where nothing ever did by nothing', async () => {
    const { path } = await newTarget(api);
    await api.call(`${path}/finish`, { body: { version: '1' } });
    const { body } = await api.call(`${path}/deployments/1/retire`, { body: {} });
    expect((await api.call(`${path}/explain?min_position=${body.position}`)).body).toMatchObject({
      summary: 'nothing runs on production.',
      current: null,
      stopped: { number: 1, says: 'admin took 1 (#1) down, with nothing in its place.' },
    });
    const { path: fresh } = await newTarget(api);
    const { body: changed } = await api.call(fresh, { method: 'PATCH', body: { name: 'Shop' } });
    expect((await api.call(`${fresh}/explain?min_position=${changed.position}`)).body).toMatchObject({
      ...{ current: null, stopped: null, settings: { set: { version: 1 }, says: [] } },
    });
  });

  it('with what began a deployment and its newest events, however many there are', async () => {
    const { path } = await newTarget(api, { settings: { failing: { enabled: true, afterMinutes: 60 } } });
    let position = 0;
    for (const command of ['schedule', 'start']) await api.call(`${path}/${command}`, { body: { version: '1' } });
    for (let n = 1; n <= 120; n += 1)
      position = (await api.call(`${path}/start`, { body: { version: '1', description: `${n}` } })).body.position;
    const { body } = await api.call(`${path}/explain?min_position=${position}`);
    const [{ eventCount, events, expects }] = body.inFlight;
    expect([eventCount, events.length, events.at(-1).position]).toEqual([122, 50, position]);
    expect(events.slice(0, 3).map(({ type, version }: Loose) => [type, version])).toEqual([
      ['DeploymentScheduled', 2],
      ['DeploymentStarted', 3],
      ['DeploymentChanged', 76],
    ]);
    expect(expects).toMatchObject([{ kind: 'failing' }]);
  }, 30_000);

  it('only where it is there, and takes no other parameters', async () => {
    const { path } = await newTarget(api);
    const { body } = await api.call(`${path}/start`, { body: { version: '1' } });
    expect((await api.call(`${path}/explain?limit=1`)).status).toBe(400);
    expect((await api.call(`${path}x/explain?min_position=${body.position}`)).body.code).toBe('target_not_found');
    const token = (
      await api.call(`${API}/tokens`, {
        body: { name: unique('reader'), scopes: ['deployments:read'], projects: [unique('other')] },
      })
    ).body.token;
    for (const view of ['explain', 'timeline'])
      expect((await api.call(`${path}/${view}`, { token })).body.code).toBe('target_not_found');
  });
});
