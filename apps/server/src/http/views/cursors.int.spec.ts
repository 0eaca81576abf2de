import { beforeAll, expect, it } from '@jest/globals';
import { API, newTarget } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { writeCursor } from '../cursors.js';

const api = suiteServer();
let project: string;
beforeAll(async () => {
  const made = await newTarget(api);
  project = made.project;
  const { body } = await api.call(`${made.path}/finish`, { body: { version: '1' } });
  await api.call(`${API}/deployments?min_position=${body.position}`);
});

const timeline = '/projects/:project/targets/:target/deployments/:number/timeline';
it.each([
  ['/events', ['x', { a: 1 }, 1.5, null]],
  ['/current', ['x', { a: 1 }, ['a'], ['a', 'b\0'], 1]],
  ['/projects', ['a\0b', 1, null]],
  ['/deployments', ['x', 1.5, -1, [1]]],
  ['/projects/:project/targets', ['a\0b', 1]],
  [timeline, ['x', 2 ** 31]],
])('a made-up cursor of %s is refused, whatever it holds', async (route, places) => {
  const params = { project, target: 'production', number: '1' };
  const named = Object.entries(params).filter(([name]) => route.includes(`:${name}`));
  const path = named.reduce((text, [name, value]) => text.replace(`:${name}`, value), `${API}${route}`);
  for (const place of places) {
    const cursor = writeCursor(place, [`${API}${route}`, Object.fromEntries(named), {}]);
    const { status, body } = await api.call(`${path}?cursor=${cursor}`);
    expect([place, status, body.errors]).toEqual([place, 400, [{ field: 'cursor', message: expect.any(String) }]]);
  }
});

it('a cursor behind the longest names there may be goes on from there', async () => {
  const wide = (letter: string) => `${letter}${'𠀀'.repeat(199)}`;
  const of = wide('p');
  let position = 0;
  for (const key of [wide('a'), wide('b')]) {
    await api.call(`${API}/projects/${encodeURIComponent(of)}/targets`, { body: { key } });
    const path = `${API}/projects/${encodeURIComponent(of)}/targets/${encodeURIComponent(key)}`;
    position = (await api.call(`${path}/finish`, { body: { version: wide('v') } })).body.position;
  }
  const project = encodeURIComponent(of);
  for (const list of [
    `/current?project=${project}&`,
    `/versions/${encodeURIComponent(wide('v'))}/targets?`,
    `/projects/${project}/targets?`,
  ]) {
    const first = await api.call(`${API}${list}limit=1&min_position=${position}`);
    const second = await api.call(`${API}${list}limit=1&cursor=${first.body.nextCursor}`);
    expect([second.status, second.body.items?.length]).toEqual([200, 1]);
    expect(second.body.items[0]).not.toEqual(first.body.items[0]);
  }
});
