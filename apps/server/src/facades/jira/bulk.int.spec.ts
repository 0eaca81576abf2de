import { describe, expect, it } from '@jest/globals';
import { jiraClient, reportOf } from '../../../../../test/support/jira.js';
import { API, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { states } from './states.js';

const api = suiteServer();

const { ask, named, pathOf, submit, native } = jiraClient(() => api);

const becomes: Readonly<Record<string, string>> = {
  unknown: 'scheduled',
  pending: 'scheduled',
  in_progress: 'deploying',
  cancelled: 'canceled',
  failed: 'failed',
  rolled_back: 'failed',
  successful: 'current',
};

describe('a state that is reported', () => {
  it.each(states)('%s is shown again, and is a status of ours', async (state) => {
    const one = named(7);
    expect(await submit([reportOf(one, { state, updateSequenceNumber: '3' })])).toEqual({
      acceptedDeployments: [{ pipelineId: one.pipeline, environmentId: 'production', deploymentSequenceNumber: 7 }],
      rejectedDeployments: [],
      unknownIssueKeys: [],
      unknownAssociations: [],
    });
    const { json } = await ask('GET', pathOf(one));
    expect(json).toMatchObject({ deploymentSequenceNumber: 7, updateSequenceNumber: 3, state });
    expect(await native(one)).toEqual([expect.objectContaining({ status: becomes[state], version: '1.0.7' })]);
  });

  it.each(states.flatMap((first) => states.map((second): [string, string] => [first, second])))(
    '%s and then %s is shown as the latter',
    async (first, second) => {
      const one = named();
      await submit([reportOf(one, { state: first })]);
      const { rejectedDeployments } = await submit([reportOf(one, { state: second, updateSequenceNumber: 2 })]);
      const { json } = await ask('GET', pathOf(one));
      expect([json.state, json.updateSequenceNumber, rejectedDeployments]).toEqual([second, 2, []]);
      expect(await native(one)).toHaveLength(1);
    },
  );
});

it('does all that is reported at once, by one Idempotency-Key', async () => {
  const one = named();
  const more = { environment: reportOf(one).environment, state: 'successful' };
  const deployments = [1, 2].map((sequence) => reportOf({ ...one, sequence }, more));
  await ask('POST', '/rest/deployments/0.1/bulk', { deployments }, { headers: { 'idempotency-key': 'all' } });
  expect((await native(one)).map(({ status }) => status)).toEqual(['completed', 'current']);
});

describe('updateSequenceNumber', () => {
  it('lets what is equal or lower be accepted and change nothing', async () => {
    const one = named();
    await submit([reportOf(one, { state: 'in_progress', updateSequenceNumber: 10 })]);
    const log = async (): Promise<number> => (await api.call(`${API}/status`)).body.position;
    const was = await log();
    for (const updateSequenceNumber of [10, 9, '10', -1]) {
      const { acceptedDeployments } = await submit([reportOf(one, { state: 'failed', updateSequenceNumber })]);
      expect(acceptedDeployments).toHaveLength(1);
    }
    expect(await log()).toBe(was);
    await submit([reportOf(one, { state: 'successful', updateSequenceNumber: 11 })]);
    expect((await ask('GET', pathOf(one))).json).toMatchObject({ state: 'successful', updateSequenceNumber: 11 });
  });

  it.each(['as texts', 'as numbers'])('and deploymentSequenceNumber have 64 bits, %s', async (form) => {
    const one = named('9223372036854775807');
    const text = JSON.stringify({ deployments: [reportOf(one, { updateSequenceNumber: '9223372036854775806' })] });
    const body = form === 'as texts' ? text : text.replaceAll(/"(9223372036854775\d+)"/g, '$1');
    const said = await ask('POST', '/rest/deployments/0.1/bulk', body, {
      headers: { 'content-type': 'application/json' },
    });
    expect(said.body).toContain('"deploymentSequenceNumber":9223372036854775807}');
    const shown = await ask('GET', pathOf(one));
    expect(shown.body).toContain(
      '{"deploymentSequenceNumber":9223372036854775807,"updateSequenceNumber":9223372036854775806,',
    );
    await submit([reportOf(one, { updateSequenceNumber: '9223372036854775807', state: 'failed' })]);
    expect((await ask('GET', pathOf(one))).json.state).toBe('failed');
    const { rejectedDeployments } = await submit([reportOf(named('9223372036854775808'))]);
    expect(rejectedDeployments[0].errors[0].message).toBe(
      'deployments[0].deploymentSequenceNumber: must be an integer of 64 bits',
    );
  });

  it('orders reports that come at once: the highest stands, whoever comes last', async () => {
    const one = named();
    const numbers = [5, 3, 8, 1, 7, 2, 6, 4];
    const all = await Promise.all(
      numbers.map((n) =>
        submit([
          reportOf(one, { updateSequenceNumber: n, state: n % 2 ? 'in_progress' : 'pending', description: `${n}` }),
        ]),
      ),
    );
    expect(all.flatMap(({ acceptedDeployments }: Loose) => acceptedDeployments)).toHaveLength(8);
    expect((await ask('GET', pathOf(one))).json).toMatchObject({
      updateSequenceNumber: 8,
      description: '8',
      state: 'pending',
    });
    expect(await native(one)).toHaveLength(1);
  });
});
