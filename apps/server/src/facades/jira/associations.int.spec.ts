import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { jiraClient, reportOf, type Named } from '../../../../../test/support/jira.js';
import { API, unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { ask, named, pathOf, submit, native } = jiraClient(() => api);
const BULK = '/rest/deployments/0.1/bulk';
const BY_PROPERTIES = '/rest/deployments/0.1/bulkByProperties';

/** Where an issue went, as our own API tells. */
const whereWent = async (key: string, query = ''): Promise<string[]> => {
  const { position } = (await api.call(`${API}/status`)).body;
  const { items } = (await api.call(`${API}/issues/${key}/deployments?min_position=${position}${query}`)).body;
  return items.map(({ project, version }: Loose) => `${project} ${version}`);
};
const at = ({ pipeline, sequence }: Named): string => `${pipeline} 1.0.${sequence}`;
const commitsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ commitHash: n.toString(16).padStart(40, '0'), repositoryId: '77' }));

describe('associations', () => {
  it.each(['issueKeys', 'issueIdOrKeys'])('by %s are kept, and issues know their deployments', async (type) => {
    const one = named();
    const key = `${unique('K').toUpperCase()}-1`;
    const associations = [
      { associationType: type, values: [key, ' ', `${key}2`] },
      { associationType: 'serviceIdOrKeys', values: [''] },
      { associationType: 'repository', values: [{ repositoryId: 7 }] },
    ];
    await submit([reportOf(one, { associations })]);
    expect((await ask('GET', pathOf(one))).json.associations).toEqual([
      { associationType: type, values: [key, `${key}2`] },
      { associationType: 'repository', values: [{ repositoryId: '7' }] },
    ]);
    expect(await whereWent(key.toLowerCase())).toEqual([at(one)]);
    // The newest report says which they are.
    await submit([reportOf(one, { associations: [], issueKeys: [`${key}3`], updateSequenceNumber: 2 })]);
    expect([await whereWent(key), await whereWent(`${key}3`)]).toEqual([[], [at(one)]]);
  });

  it('are 500 values at most', async () => {
    const issueKeys = Array.from({ length: 500 }, (_, n) => `ABC-${n + 1}`);
    const one = named();
    expect((await submit([reportOf(one, { issueKeys })])).acceptedDeployments).toHaveLength(1);
    expect((await ask('GET', pathOf(one))).json.associations[0].values).toEqual(issueKeys);
    const { rejectedDeployments } = await submit([reportOf(named(), { issueKeys: [...issueKeys, 'ABC-501'] })]);
    expect(rejectedDeployments[0].errors).toEqual([
      {
        message: 'associations: must have at most 500 values together, and have 501',
        errorTraceId: expect.any(String),
      },
    ]);
  });

  it('with commits are commit refs; what finds no room is told, and all else is kept', async () => {
    const one = named();
    const values = commitsOf(500);
    const associations = [{ associationType: 'commit', values }];
    const { acceptedDeployments, unknownAssociations } = await submit([reportOf(one, { associations })]);
    expect(acceptedDeployments).toHaveLength(1);
    const kept = (await ask('GET', pathOf(one))).json.associations[0].values;
    expect(kept.length).toBeGreaterThan(300);
    expect([...kept, ...unknownAssociations[0].values]).toEqual(values);
    const [{ commitRefs }] = await native(one);
    expect(commitRefs).toHaveLength(100);
    const { commitHash } = values.at(-1)!;
    expect(commitRefs.at(-1)).toEqual({ repository: '77', branch: commitHash, commit: commitHash });
  });

  it('of a type that is not known are told, and are no fault unless there are no others', async () => {
    const [one, two] = [named(), named()];
    const odd = { associationType: 'phase-of-the-moon', values: ['full'] };
    const said = await submit([
      reportOf(one, { associations: [odd, { associationType: 'issueKeys', values: ['ABC-1'] }] }),
      reportOf(two, { associations: [odd] }),
    ]);
    expect(said).toMatchObject({
      acceptedDeployments: [{ pipelineId: one.pipeline }],
      rejectedDeployments: [{ key: { pipelineId: two.pipeline } }],
      unknownAssociations: [odd, odd],
    });
  });
});

describe('bulkByProperties', () => {
  it('deletes what has all of the properties, whatever its state, and nothing else', async () => {
    const [installation, other] = [unique('i'), unique('i')];
    const all = ['pending', 'in_progress', 'successful', 'failed', 'cancelled'].map((state) => ({
      state,
      one: named(),
    }));
    const spared = named();
    for (const { state, one } of all)
      await submit([reportOf(one, { state, issueKeys: ['DEL-1'] })], {
        properties: { gitHubInstallationId: installation, repositoryId: 7 },
      });
    await submit([reportOf(spared, { issueKeys: ['DEL-1'] })], { properties: { gitHubInstallationId: other } });
    const remove = async (query: string): Promise<number> => (await ask('DELETE', `${BY_PROPERTIES}?${query}`)).status;
    expect(await remove(`gitHubInstallationId=${installation}&repositoryId=8`)).toBe(202);
    expect(await whereWent('DEL-1')).toHaveLength(6);
    expect(await remove(`gitHubInstallationId=${installation}&repositoryId=7&_updateSequenceNumber=1`)).toBe(202);
    expect(await whereWent('DEL-1')).toEqual([at(spared)]);
    for (const { one } of all) expect((await ask('GET', pathOf(one))).status).toBe(404);
    // As a backfill does after the app was installed anew.
    await submit([reportOf(all[2]!.one, { state: 'successful' })]);
    expect(await native(all[2]!.one)).toEqual([expect.objectContaining({ number: 2, status: 'current' })]);
    expect((await ask('GET', pathOf(all[2]!.one))).json.state).toBe('successful');
  });

  it('deletes nothing of a project that the token does not reach', async () => {
    const [mine, theirs] = [named(), named()];
    const properties = { accountId: unique('a') };
    await submit([reportOf(mine), reportOf(theirs)], { properties });
    const { token } = await tokenOf(api, { name: unique('reach'), projects: [mine.pipeline] });
    const answered = await ask('DELETE', `${BY_PROPERTIES}?accountId=${properties.accountId}`, undefined, { token });
    expect(answered).toMatchObject({ status: 202, body: '' });
    expect([await native(mine), await native(theirs)]).toEqual([[], [expect.anything()]]);
  });

  it.each(['', '_updateSequenceNumber=5', '_a=1&_b=2'])('with no property (%s) is 400', async (query) => {
    expect(await ask('DELETE', `${BY_PROPERTIES}?${query}`)).toMatchObject({
      status: 400,
      json: { errorMessages: ['the query must name one property at least'] },
    });
  });

  it.each<[string, unknown, string]>([
    ['too many', { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, 'properties: must be at most 5'],
    ['a colon', { 'a:b': '1' }, 'properties: names must have 1 to 255 characters, no `:` and no `_` at the beginning'],
    [
      'an underscore',
      { _a: '1' },
      'properties: names must have 1 to 255 characters, no `:` and no `_` at the beginning',
    ],
    ['an object', { a: {} }, 'properties: values must be texts of up to 255 characters'],
    ['a list of them', ['a'], 'properties: must be an object'],
  ])('are refused with %s', async (_, properties, message) => {
    expect(await ask('POST', BULK, { deployments: [reportOf(named())], properties })).toMatchObject({
      status: 400,
      json: { code: 400, message },
    });
  });
});
