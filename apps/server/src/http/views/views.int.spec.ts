import { beforeAll, describe, expect, it } from '@jest/globals';
import { API, newTarget, type Loose, unique, type Reply } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

type Page = { items: Loose[]; nextCursor: string | null };

/** All pages of a list, by its cursors, with a look at each link. */
const allPages = async (path: string): Promise<Page[]> => {
  const pages: Page[] = [];
  for (let next: string | null = path; next !== null;) {
    const { status, headers, body }: Reply<Page> = await api.call(next);
    expect(status).toBe(200);
    pages.push(body);
    const link: string | undefined = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    expect(link === undefined).toBe(body.nextCursor === null);
    if (link !== undefined) expect(new URL(link).searchParams.get('cursor')).toBe(body.nextCursor);
    next = link === undefined ? null : link.slice(api.server.url.length);
  }
  return pages;
};
const itemsOf = (pages: readonly Page[]) => pages.flatMap(({ items }) => items);

describe('what is current', () => {
  it('on a target is the deployment that runs there', async () => {
    const { path } = await newTarget(api);
    const none = await api.call(`${path}/current`);
    expect([none.status, none.body.code]).toEqual([
      404,
      expect.stringMatching(/^(no_current_deployment|target_not_found)$/),
    ]);
    const { body } = await api.call(`${path}/finish`, { body: { version: '1' } });
    const { status, body: current } = await api.call(`${path}/current?min_position=${body.position}`);
    expect([status, current]).toEqual([200, body.deployment]);
  });

  it('is 404 no_current_deployment where nothing is, target_not_found where no target is', async () => {
    const { path, project } = await newTarget(api);
    const { body } = await api.call(`${path}/start`, { body: { version: '1' } });
    const at = `min_position=${body.position}`;
    expect((await api.call(`${path}/current?${at}`)).body.code).toBe('no_current_deployment');
    expect((await api.call(`${API}/projects/${project}/targets/other/current?${at}`)).body.code).toBe(
      'target_not_found',
    );
    expect((await api.call(`${API}/projects/${unique('x')}/targets?${at}`)).body.code).toBe('project_not_found');
  });

  it('everywhere is a list by project and target, and filters', async () => {
    const project = unique('fleet');
    let position = 0;
    const shown: Loose[] = [];
    for (const [key, environmentType] of [
      ['a', 'testing'],
      ['b', 'production'],
      ['c', 'production'],
    ]) {
      await api.call(`${API}/projects/${project}/targets`, { body: { key, environmentType } });
      const { body } = await api.call(`${API}/projects/${project}/targets/${key}/finish`, { body: { version: key } });
      position = body.position;
      shown.push(body.deployment);
    }
    const list = `${API}/current?project=${project}&min_position=${position}`;
    expect(itemsOf(await allPages(`${list}&limit=1`))).toEqual(shown);
    expect((await api.call(`${list}&environmentType=production`)).body).toEqual({
      items: shown.slice(1),
      nextCursor: null,
    });
  });
});

describe('projects and targets', () => {
  it('are listed by key, with the number of targets', async () => {
    const [one, two] = [unique('a-project'), unique('a-project')].sort() as [string, string];
    let last = 0;
    for (const [project, key] of [
      [one, 'z'],
      [one, 'a'],
      [two, 'x'],
    ])
      last = (await api.call(`${API}/projects/${project}/targets`, { body: { key } })).body.position;
    const projects = itemsOf(await allPages(`${API}/projects?limit=2&min_position=${last}`));
    expect(projects.filter(({ key }) => key === one || key === two)).toEqual([
      { key: one, targets: 2 },
      { key: two, targets: 1 },
    ]);
    const keys = itemsOf(await allPages(`${API}/projects/${one}/targets?limit=1`)).map(({ key }) => key);
    expect(keys).toEqual(['a', 'z']);
  });
});

describe('the history', () => {
  let path: string;
  let project: string;
  let position: number;
  beforeAll(async () => {
    ({ path, project } = await newTarget(api));
    const ref = (branch: string, commit: string) => [{ repository: 'shop', branch, commit }];
    await api.call(`${path}/finish`, { body: { version: '1', commitRefs: ref('main', 'aaa') } });
    await api.call(`${path}/finish`, {
      body: { version: '2', commitRefs: ref('refs/heads/main', 'bbb'), occurredAt: '2020-01-01T00:00:00Z' },
    });
    await api.call(`${path}/fail`, { body: { version: '3', commitRefs: ref('next', 'ccc') } });
    const { body } = await api.call(`${path}/start`, { body: { version: '4' } });
    position = body.position;
  });
  const numbers = (page: Page): number[] => page.items.map(({ number }) => number);

  it('is newest first, of a target and of all', async () => {
    const own = await api.call(`${path}/deployments?min_position=${position}`);
    expect(numbers(own.body)).toEqual([4, 3, 2, 1]);
    const all = await api.call(`${API}/deployments?project=${project}&target=production&min_position=${position}`);
    expect(all.body).toEqual(own.body);
    expect(own.body.items.map(({ status }: { status: string }) => status)).toEqual([
      'deploying',
      'failed',
      'current',
      'completed',
    ]);
  });

  it.each([
    ['target=production', [4, 3, 2, 1]],
    ['target=other', []],
    ['project=other', []],
    ['status=current', [2]],
    ['version=1', [1]],
    ['repository=shop', [3, 2, 1]],
    ['branch=main', [2, 1]],
    ['branch=refs/heads/main', [2, 1]],
    ['commit=ccc', [3]],
    ['branch=main&commit=ccc', []],
    ['actor=admin&status=failed', [3]],
    ['to=2021-01-01T00:00:00Z', [2]],
    ['from=2021-01-01T00:00:00%2B00:00', [4, 3, 1]],
    ['from=2020-01-01T00:00:00Z&to=2020-01-01T00:00:00Z', []],
  ])('with %s is %j', async (filter, expected) => {
    expect(numbers((await api.call(`${path}/deployments?${filter}&min_position=${position}`)).body)).toEqual(expected);
    const within = filter.startsWith('project=') ? '' : `project=${project}&`;
    const all = await api.call(`${API}/deployments?${within}${filter}&min_position=${position}`);
    expect(numbers(all.body)).toEqual(expected);
  });

  it('comes in pages that hold each deployment once, also while others are added', async () => {
    const first = await api.call(`${path}/deployments?limit=3&min_position=${position}`);
    const { path: other } = await newTarget(api);
    await api.call(`${other}/start`, { body: { version: '1' } });
    const second = await api.call(`${path}/deployments?limit=3&cursor=${first.body.nextCursor}`);
    expect([numbers(first.body), numbers(second.body), second.body.nextCursor]).toEqual([[4, 3, 2], [1], null]);
  });

  it('refuses a cursor that was changed, or is of another list', async () => {
    const { nextCursor } = (await api.call(`${path}/deployments?limit=1&min_position=${position}`)).body;
    for (const query of [
      `cursor=${nextCursor.slice(0, -1)}${nextCursor.endsWith('A') ? 'B' : 'A'}`,
      `cursor=${nextCursor}&status=failed`,
    ]) {
      const refused = await api.call(`${path}/deployments?${query}`);
      expect([refused.status, refused.body.errors?.[0].field]).toEqual([400, 'cursor']);
    }
    expect((await api.call(`${API}/deployments?cursor=${nextCursor}`)).status).toBe(400);
    expect((await api.call(`${path}/deployments?limit=2&cursor=${nextCursor}`)).status).toBe(200);
  });

  it('has each deployment by its number and by its id', async () => {
    const byNumber = await api.call(`${path}/deployments/3?min_position=${position}`);
    expect(byNumber.body).toMatchObject({ number: 3, status: 'failed', endedAt: expect.any(String) });
    expect((await api.call(`${API}/deployments/${byNumber.body.id}`)).body).toEqual(byNumber.body);
    expect((await api.call(`${path}/deployments/5`)).body.code).toBe('deployment_not_found');
    expect((await api.call(`${API}/deployments/${byNumber.body.id + 100_000}`)).body.code).toBe('deployment_not_found');
  });

  it('has the events of each deployment, oldest first', async () => {
    const { items } = (await api.call(`${path}/deployments/2/timeline?min_position=${position}`)).body;
    const { items: rest } = (await api.call(`${path}/deployments/1/timeline`)).body;
    expect(items.map(({ type }: { type: string }) => type)).toEqual(['DeploymentFinished']);
    expect(rest.map(({ type }: { type: string }) => type)).toEqual(['DeploymentFinished', 'DeploymentSuperseded']);
    expect(itemsOf(await allPages(`${path}/deployments/1/timeline?limit=1`))).toEqual(rest);
    expect((await api.call(`${path}/deployments/9/timeline`)).status).toBe(404);
  });

  it('no longer has a deployment that was deleted', async () => {
    const { path: at } = await newTarget(api);
    await api.call(`${at}/fail`, { body: { version: '1' } });
    const { status, body } = await api.call(`${at}/deployments/1`, { method: 'DELETE' });
    expect([status, body.deployment]).toEqual([200, null]);
    expect((await api.call(`${at}/deployments/1?min_position=${body.position}`)).status).toBe(404);
    expect((await api.call(`${at}/deployments/1/timeline`)).status).toBe(404);
  });
});

describe('a single resource', () => {
  it('has an entity tag, and is not sent again to whoever has it', async () => {
    const { path } = await newTarget(api);
    const { body } = await api.call(`${path}/finish`, { body: { version: '1' } });
    const at = `?min_position=${body.position}`;
    for (const url of [
      `${path}${at}`,
      `${path}/current${at}`,
      `${path}/explain${at}`,
      `${path}/dora${at}&from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z`,
      `${path}/deployments/1${at}`,
      `${API}/deployments/${body.deployment.id}${at}`,
      `${path}/commands/${body.commandId}`,
    ]) {
      const { status, headers } = await api.call(url);
      const etag = headers.get('etag')!;
      expect([url, status, etag]).toEqual([url, 200, expect.stringMatching(/^"[\w-]+"$/)]);
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await api.call(url, { headers: { 'if-none-match': known } });
        expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
      }
      expect((await api.call(url, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    }
  });

  it('that is a target has its version as its tag, as its commands have', async () => {
    const { path } = await newTarget(api);
    const changed = await api.call(path, { method: 'PATCH', body: { name: 'Shop' } });
    const { headers, body } = await api.call(`${path}?min_position=${changed.body.position}`);
    expect([changed.headers.get('etag'), headers.get('etag'), body.version]).toEqual(['"2"', '"2"', 2]);
  });
});

describe('min_position', () => {
  it('lets a client read what it has written, every time', async () => {
    const { path } = await newTarget(api);
    for (let n = 1; n <= 30; n += 1) {
      const { body } = await api.call(`${path}/finish`, { body: { version: `${n}` } });
      const { body: current } = await api.call(`${path}/current?min_position=${body.position}`);
      expect(current.version).toBe(`${n}`);
    }
  });

  it('that is far ahead is 503 after five seconds', async () => {
    const refused = async (at: string) => {
      const begun = performance.now();
      const { status, headers, body } = await api.call(`${API}${at}?min_position=${Number.MAX_SAFE_INTEGER}`);
      expect([at, status, body.code, headers.get('retry-after')]).toEqual([at, 503, 'view_behind', '1']);
      expect(performance.now() - begun).toBeGreaterThan(4_900);
      expect(performance.now() - begun).toBeLessThan(7_000);
    };
    await Promise.all(['/projects', '/current', '/deployments', '/events', '/status'].map(refused));
  });
});

describe('/status', () => {
  it('says where the log and all that follows it stand', async () => {
    const { path } = await newTarget(api);
    const { position } = (await api.call(`${path}/start`, { body: { version: '1' } })).body;
    const { status, body } = await api.call(`${API}/status?min_position=${position}`);
    expect(status).toBe(200);
    expect(body.position).toBeGreaterThanOrEqual(position);
    expect(body.roles).toContain('api');
    expect(body.projections.map(({ name }: { name: string }) => name).sort()).toEqual([
      'commits',
      'current',
      'deployments',
      'tenures',
    ]);
  });
});
