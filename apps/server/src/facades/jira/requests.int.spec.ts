import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { jiraClient, reportOf, type Named } from '../../../../../test/support/jira.js';
import { API, unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { ask, named, pathOf, submit, native } = jiraClient(() => api);
const BULK = '/rest/deployments/0.1/bulk';
const stateOf = async (one: Named): Promise<string> => (await ask('GET', pathOf(one))).json.state;
const targetOf = ({ pipeline }: Named): string => `${API}/projects/${pipeline}/targets/production`;

describe('one that is rejected', () => {
  const one: Named = { pipeline: 'p', environment: 'e', sequence: 3 };
  const key = { pipelineId: 'p', environmentId: 'e', deploymentSequenceNumber: 3 };
  it.each<[string, object, string, object?]>([
    [
      'no number',
      { deploymentSequenceNumber: null },
      'deploymentSequenceNumber: must be an integer of 64 bits',
      { ...key, deploymentSequenceNumber: 0 },
    ],
    [
      'a fraction as number',
      { deploymentSequenceNumber: 1.5 },
      'deploymentSequenceNumber: must be an integer of 64 bits',
      { ...key, deploymentSequenceNumber: 0 },
    ],
    ['no update number', { updateSequenceNumber: 'soon' }, 'updateSequenceNumber: must be an integer of 64 bits'],
    ['no displayName', { displayName: undefined }, 'displayName: must be given'],
    ['a long displayName', { displayName: 'x'.repeat(256) }, 'displayName: must be a text of up to 255 characters'],
    ['an empty url', { url: '' }, 'url: must be a URL of up to 2000 characters that begins with http:// or https://'],
    [
      'a long url',
      { url: `https://x.example/${'x'.repeat(2000)}` },
      'url: must be a URL of up to 2000 characters that begins with http:// or https://',
    ],
    ['no description', { description: null }, 'description: must be given'],
    ['no time', { lastUpdated: 'yesterday' }, 'lastUpdated: must be a time of ISO 8601'],
    ['a long label', { label: 'x'.repeat(256) }, 'label: must be a text of up to 255 characters'],
    ['no pipeline', { pipeline: null }, 'pipeline: must be an object', { ...key, pipelineId: '' }],
    [
      'a pipeline without an id',
      { pipeline: { displayName: 'x', url: 'https://x.example' } },
      'pipeline.id: must be a text of 1 to 255 characters',
      { ...key, pipelineId: '' },
    ],
    [
      'a long environment id',
      { environment: { id: 'x'.repeat(256), displayName: 'x', type: 'testing' } },
      'environment.id: must be a text of up to 255 characters',
      { ...key, environmentId: '' },
    ],
    [
      'another type',
      { environment: { id: 'e', displayName: 'x', type: 'moon' } },
      'environment.type: must be one of unmapped, development, testing, staging, production',
    ],
    ['associations that are no list', { associations: 'ABC-1' }, 'associations: must be a list'],
  ])('for %s is told so, and the others are taken', async (_, wrong, message, of = key) => {
    const other = named();
    const { acceptedDeployments, rejectedDeployments } = await submit([reportOf(one, wrong), reportOf(other)]);
    expect(acceptedDeployments).toEqual([
      { pipelineId: other.pipeline, environmentId: 'production', deploymentSequenceNumber: 1 },
    ]);
    expect(rejectedDeployments).toHaveLength(1);
    expect(rejectedDeployments[0].key).toEqual(of);
    expect(rejectedDeployments[0].errors.map((each: Loose) => each.message).join()).toMatch(
      new RegExp(`deployments\\[0\\]\\.${message.replaceAll(/[[\].]/g, '\\$&')}|^${message}`),
    );
  });

  it('is so because what it was has another in its place', async () => {
    const first = named();
    for (const [n, state] of ['successful', 'rolled_back'].entries())
      await submit([reportOf(first, { state, updateSequenceNumber: n + 1 })]);
    expect(await native(first)).toEqual([expect.objectContaining({ status: 'retired' })]);
    const { rejectedDeployments } = await submit([reportOf(first, { state: 'successful', updateSequenceNumber: 3 })]);
    expect(rejectedDeployments[0].errors[0].message).toContain('something else took its place');
    expect(await stateOf(first)).toBe('rolled_back');
  });

  it('is outside of the reach of the token, in the same words whether it is there or not', async () => {
    const [mine, theirs, nobodys] = [named(), named(), named()];
    await submit([reportOf(theirs)]);
    const { token } = await tokenOf(api, {
      name: unique('t'),
      projects: [mine.pipeline],
      scopes: ['deployments:write'],
    });
    const body = { deployments: [mine, theirs, nobodys].map((each) => reportOf(each, { state: 'successful' })) };
    const { json } = await ask('POST', BULK, body, { token });
    expect(json.acceptedDeployments).toEqual([expect.objectContaining({ pipelineId: mine.pipeline })]);
    const messages = json.rejectedDeployments.map(({ errors }: Loose) => errors[0].message);
    expect(messages).toEqual(Array(2).fill('This token does not reach the project of that pipeline.'));
    for (const each of [theirs, nobodys])
      expect((await ask('GET', pathOf(each), undefined, { token })).status).toBe(404);
    expect(await native(theirs)).toEqual([expect.objectContaining({ status: 'scheduled' })]);
  });
});

describe('a pipeline and an environment', () => {
  it.each([
    ['of 255 characters', 'x'.repeat(255)],
    ['with white space at its ends', ' a '],
    ['that is .', '.'],
    ['with control characters', 'a\u0007b'],
    ['in another normal form', 'u\u0308'],
    ['with slashes', 'a/b/environments/c'],
  ])('%s are found again, and are no others', async (_, id) => {
    const one: Named = { pipeline: `${unique('p')}${id}`, environment: id, sequence: 1 };
    const { acceptedDeployments } = await submit([reportOf({ ...one, pipeline: one.pipeline.slice(0, 255) })]);
    const [{ pipelineId, environmentId }] = acceptedDeployments;
    const { json } = await ask('GET', pathOf({ pipeline: pipelineId, environment: environmentId, sequence: 1 }));
    expect([json.pipeline.id, json.environment.id]).toEqual([pipelineId, id]);
    expect((await ask('GET', pathOf({ ...one, environment: 'a' }))).status).toBe(404);
  });

  it('are a project and a target, called and typed as the first report says', async () => {
    const one = named();
    await submit([reportOf(one)]);
    await native(one);
    expect((await api.call(targetOf(one))).body).toMatchObject({ name: 'The place', environmentType: 'production' });
  });
});

describe('several at once', () => {
  it('on one environment take each other’s place, and a late success is a success', async () => {
    const [one, two] = [named(1), named(2)].map((each, _, [first]) => ({ ...each, pipeline: first!.pipeline }));
    await submit([one!, two!].map((each) => reportOf(each, { state: 'in_progress' })));
    expect([await stateOf(one!), await stateOf(two!)]).toEqual(['cancelled', 'in_progress']);
    await submit([one!, two!].map((each) => reportOf(each, { state: 'successful', updateSequenceNumber: 2 })));
    expect((await native(one!)).map(({ status }) => status)).toEqual(['completed', 'current']);
    expect([await stateOf(one!), await stateOf(two!)]).toEqual(['successful', 'successful']);
  });

  it('that are the same are one deployment', async () => {
    const one = named();
    const report = reportOf(one, { state: 'successful' });
    await Promise.all(Array.from({ length: 8 }, () => submit([report, report])));
    expect(await native(one)).toEqual([expect.objectContaining({ status: 'current', number: 1 })]);
  });

  it('are done in their order, of many environments in one request', async () => {
    const pipeline = unique('p');
    const all = Array.from({ length: 40 }, (_, n) => ({ pipeline, environment: `e${n % 8}`, sequence: n }));
    const { acceptedDeployments } = await submit(all.map((each) => reportOf(each, { state: 'successful' })));
    expect(acceptedDeployments.map((each: Loose) => each.deploymentSequenceNumber)).toEqual(
      all.map(({ sequence }) => sequence),
    );
    expect((await native(all[0]!)).map(({ version, status }) => `${version} ${status}`)).toEqual([
      ...['0', '8', '16', '24'].map((n) => `1.0.${n} completed`),
      '1.0.32 current',
    ]);
  });
});

describe('what happens here', () => {
  it('shows there: approvals are the gate', async () => {
    const one = named();
    await submit([reportOf({ ...one, sequence: 99 })]);
    const settings = { approvals: [{ name: 'release', required: 1 }] };
    await api.call(targetOf(one), { method: 'PATCH', body: { settings } });
    const gate = async (): Promise<string> => (await ask('GET', `${pathOf(one)}/gating-status`)).json.gatingStatus;
    await submit([reportOf(one, { commands: [{ command: 'initiate_deployment_gating' }] })]);
    expect([await gate(), await stateOf(one)]).toEqual(['awaiting', 'pending']);
    const { rejectedDeployments } = await submit([reportOf(one, { state: 'in_progress', updateSequenceNumber: 2 })]);
    expect(rejectedDeployments[0].errors[0].message).toContain('is blocked and cannot become deploying');
    const [, { number }] = await native(one);
    await api.call(`${targetOf(one)}/deployments/${number}/approve`, { body: {} });
    await native(one);
    expect([await gate(), await stateOf(one)]).toEqual(['allowed', 'pending']);
    await submit([reportOf(one, { state: 'in_progress', updateSequenceNumber: 2 })]);
    expect(await stateOf(one)).toBe('in_progress');
    // Reported in progress at once, it waits all the same.
    const two = { ...one, sequence: 2 };
    const said = await submit([reportOf(two, { state: 'in_progress' })]);
    expect([said.rejectedDeployments.length, await gateOf(two)]).toEqual([1, 'awaiting']);
    await api.call(`${targetOf(one)}/deployments/${number + 1}/reject`, { body: {} });
    await native(one);
    expect([await gateOf(two), await stateOf(two)]).toEqual(['prevented', 'cancelled']);
  });
  const gateOf = async (one: Named): Promise<string> =>
    (await ask('GET', `${pathOf(one)}/gating-status`)).json.gatingStatus;

  it('shows there: what ended otherwise is not what was reported', async () => {
    const one = named();
    await submit([reportOf(one, { state: 'in_progress' })]);
    await api.call(`${targetOf(one)}/deployments/1/fail`, { body: { reason: 'disk full' } });
    await native(one);
    expect(await stateOf(one)).toBe('failed');
    await submit([reportOf(one, { state: 'successful', updateSequenceNumber: 2 })]);
    expect(await native(one)).toEqual([expect.objectContaining({ status: 'current' })]);
  });

  it('is not changed by a number that is an id of ours', async () => {
    const one = named();
    await api.call(`${API}/projects/${one.pipeline}/targets`, { body: { key: 'production' } });
    const { id } = (await api.call(`${targetOf(one)}/finish`, { body: { version: '7' } })).body.deployment;
    await native(one);
    const ours = { ...one, sequence: id };
    expect((await ask('DELETE', pathOf(ours))).status).toBe(202);
    expect(await stateOf(ours)).toBe('successful');
    await submit([reportOf(ours, { state: 'pending' })]);
    expect((await native(one)).map(({ version, status }) => `${version} ${status}`)).toEqual([
      '7 current',
      `1.0.${id} scheduled`,
    ]);
    expect(await stateOf(ours)).toBe('pending');
  });

  it('is gone after a DELETE with an id of the client, whatever it was', async () => {
    const one = named();
    await submit([reportOf(one, { state: 'successful' })]);
    await native(one);
    const headers = { 'idempotency-key': `delete-${one.pipeline}` };
    expect((await ask('DELETE', pathOf(one), undefined, { headers })).status).toBe(202);
    expect(await native(one)).toEqual([]);
  });

  it('outlives its target: what is reported of one that was deleted makes it anew', async () => {
    const one = named();
    await submit([reportOf(one, { state: 'successful' })]);
    await api.call(targetOf(one), { method: 'DELETE' });
    await submit([reportOf(one, { state: 'successful', updateSequenceNumber: 2 }), reportOf({ ...one, sequence: 2 })]);
    expect((await native(one)).map(({ version }) => version)).toContain('1.0.2');
  });
});

describe('time', () => {
  it('of an event is lastUpdated, but never later than now', async () => {
    const [then, soon, odd] = [named(), named(), named()];
    await submit([
      reportOf(then, { lastUpdated: '2026-01-20T23:27:25.000000+02:00', triggeredBy: { email: 'kim@example.org' } }),
      reportOf(soon, { lastUpdated: '2999-01-01T00:00:00Z' }),
      reportOf(odd, { lastUpdated: '2026-01-20T23:27:25+0100' }),
    ]);
    expect((await native(then))[0].createdAt).toBe('2026-01-20T21:27:25.000000Z');
    expect((await native(odd))[0].createdAt).toBe('2026-01-20T22:27:25.000000Z');
    expect((await native(soon))[0].createdAt < '2999').toBe(true);
    const { items } = (await api.call(`${API}/projects/${then.pipeline}/targets/production/timeline`)).body;
    expect(items.at(-1).data.claimedBy).toEqual({ id: 'kim@example.org' });
  });
});
