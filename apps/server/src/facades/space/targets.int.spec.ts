import { describe, expect, it } from '@jest/globals';
import { spaceClient } from '../../../../../test/support/space.js';
import type { Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { ask, place, report } = spaceClient(() => api);
const ALL = '/api/http/projects/automation/deployment-targets';

describe('a target', () => {
  it('has every member that the documentation has', async () => {
    const { project, at, targets } = await place({
      repositories: [{ repositoryName: 'web', missing: false }],
      manualControl: false,
      singleScheduled: true,
      hangTimeoutMinutes: 30,
      failTimeoutMinutes: '120',
      responsibleUsers: ['username:kim'],
      links: [{ url: 'https://shop.example', main: true }],
      customFields: [],
    });
    const current = await report(at, 'finish', { version: '1' });
    const next = await report(at, 'schedule', { version: '2' });
    const millis = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect((await ask('GET', `${targets}/key:production`)).json).toEqual({
      className: 'DeployTargetRecord',
      id: `${project}:production`,
      projectId: project,
      name: 'Production',
      key: 'production',
      description: '',
      number: expect.any(Number),
      fullNumberId: expect.stringMatching(/-T-\d+$/),
      createdAt: millis,
      lastUpdated: null,
      lastDeployed: millis,
      createdBy: null,
      archived: false,
      channel: expect.any(Object),
      channelId: expect.any(String),
      connectedChannelId: null,
      manualControl: false,
      singleScheduled: null,
      hangTimeoutMinutes: 30,
      failTimeoutMinutes: 120,
      links: [{ className: 'DeployTargetLink', label: null, url: 'https://shop.example', main: true }],
      repositories: [
        { className: 'DeployTargetRepositoryDTO', repositoryName: 'web', missing: false, repositoryId: null },
      ],
      users: [],
      teams: [],
      customFields: {},
      current: expect.objectContaining({ className: 'DeploymentRecord', id: current.id, status: 'CURRENT' }),
      next: expect.objectContaining({ className: 'DeploymentRecord', id: next.id, status: 'SCHEDULED' }),
    });
  });

  it('switches time-outs off with 0, and leaves them alone with null', async () => {
    const { targets } = await place({ hangTimeoutMinutes: 30, failTimeoutMinutes: 120 });
    await ask('PATCH', `${targets}/production`, { hangTimeoutMinutes: 0, failTimeoutMinutes: null, key: 'production' });
    expect((await ask('GET', `${targets}/production`)).json).toMatchObject({
      hangTimeoutMinutes: null,
      failTimeoutMinutes: 120,
    });
  });

  it('keeps an audit log of what was done to it', async () => {
    const { project, targets } = await place({ repositories: [{ repositoryName: 'a' }] });
    await ask('PATCH', `${targets}/production`, { name: 'Shop', repositories: [{ repositoryName: 'b' }] });
    await ask('PATCH', `${targets}/production`, { hangTimeoutMinutes: 5 });
    const named = encodeURIComponent(`{project:key:${project},target:key:production}`);
    const log = (query: string) => ask('GET', `${ALL}/audit-log?targetIdentifier=${named}${query}`);
    const change = { className: 'DeployTargetFieldMod', old: null, new: null, added: null, removed: null };
    expect((await log('&$top=2')).json).toMatchObject({
      next: '2',
      totalCount: 3,
      data: [
        { changes: [{ ...change, fieldName: 'hangTimeoutMinutes', new: '5' }] },
        {
          author: { name: 'admin' },
          text: 'Deployment target changed',
          changes: [
            { ...change, fieldName: 'name', old: 'Production', new: 'Shop' },
            { ...change, fieldName: 'repositories', added: ['b'], removed: ['a'] },
          ],
        },
      ],
    });
    expect((await log('&$skip=2')).json).toMatchObject({ next: '', data: [{ text: 'Deployment target created' }] });
  });
});

describe('a list', () => {
  it('comes in batches, newest first, and ends where nothing is left', async () => {
    const { at } = await place();
    for (let n = 1; n <= 5; n += 1) await report(at, 'finish', { version: String(n) });
    const versions: string[][] = [];
    for (let next = '0'; next !== '';) {
      const { json } = await ask('GET', `${at}?$top=2&$skip=${next}`);
      versions.push(json.data.map(({ version }: Loose) => version));
      ({ next } = json);
    }
    expect(versions).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect((await ask('GET', `${at}?$top=0`)).json).toEqual({ next: '', totalCount: 5, data: [] });
    expect((await ask('GET', `${at}?$skip=9`)).json).toEqual({ next: '', totalCount: 5, data: [] });
    expect((await ask('GET', `${at}?jobExecutionId=1`)).json).toEqual({ next: '', totalCount: 0, data: [] });
  });

  it('of targets is narrowed by each filter', async () => {
    const { project, targets } = await place({
      description: 'Where it is sold',
      links: [{ url: 'https://shop.example' }],
    });
    await ask('POST', targets, { key: 'staging', name: 'Zoo', description: 'Where it is tried' });
    const search = async (...filters: object[]): Promise<string[]> => {
      const named = filters.map((each: Loose) => ({
        ...each,
        className: `DeployTargetsSearchFilter.${each.className}`,
      }));
      const own = { className: 'DeployTargetsSearchFilter.ByProjects', projects: [`key:${project}`], negated: false };
      const { json } = await ask('POST', `${ALL}/search`, { expression: { filters: [own, ...named] } });
      return json.data.map(({ key }: Loose) => key);
    };
    const [both, one, other]: string[][] = [['production', 'staging'], ['production'], ['staging']];
    expect(await search()).toEqual(both);
    expect(await search({ className: 'ByName', searchText: 'zOO' })).toEqual(other);
    expect(await search({ className: 'ByDescription', searchText: 'sold' })).toEqual(one);
    expect(await search({ className: 'ByMainLink', searchText: 'SHOP.' })).toEqual(one);
    expect(await search({ className: 'ByLinks', searchText: 'nothing' })).toEqual([]);
    expect(await search({ className: 'ByMatchingText', searchText: 'where it is' })).toEqual(both);
    expect(await search({ className: 'ByMatchingText', searchText: '%' })).toEqual([]);
    expect(await search({ className: 'ByProjects', projects: [project], negated: true })).toEqual([]);
    expect(await search({ className: 'ByProjects', projects: ['elsewhere'], negated: false })).toEqual([]);
    expect(await search({ className: 'Archived', exclusive: true })).toEqual([]);
    expect(await search({ className: 'Archived', exclusive: false })).toEqual(both);
    expect(
      await search({ className: 'ByMaintainers', maintainers: [{ className: 'User', user: 'id:1' }], negated: false }),
    ).toEqual([]);
    const nobody = [{ className: 'DeployTargetsSearchFilter.Maintainer.NoMaintainers' }];
    expect(await search({ className: 'ByMaintainers', maintainers: nobody, negated: false })).toEqual(both);
    expect(await search({ className: 'ByCustomField', cfId: 'x', cff: {}, negated: false })).toEqual([]);
  });

  it.each([
    ['sortBy=name&sortOrder=ASC', ['b', 'production', 'a']],
    ['sortBy=name&sortOrder=DESC', ['a', 'production', 'b']],
    ['sortBy=createdAt', ['production', 'a', 'b']],
    ['sortBy=lastDeployed&sortOrder=desc', ['b', 'production', 'a']],
    ['sortBy=key', ['a', 'b', 'production']],
    ['sortBy=other', ['a', 'b', 'production']],
    ['search=ALPHA', ['b']],
  ])('of targets by %s', async (query, keys) => {
    const { project, at, targets } = await place();
    await ask('POST', targets, { key: 'a', name: 'Zulu', description: '' });
    await ask('POST', targets, { key: 'b', name: 'alpha', description: '' });
    await report(at, 'finish', { version: '1' });
    await report(at, 'finish', { targetIdentifier: 'b', version: '1' });
    for (const path of [`${ALL}?project=id:${project}&${query}`, `${targets}?${query}`]) {
      const { json } = await ask('GET', path);
      expect(json.data.map(({ key }: Loose) => key)).toEqual(keys);
    }
  });
});
