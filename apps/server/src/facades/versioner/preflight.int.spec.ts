import { describe, expect, it } from '@jest/globals';
import { suiteServer } from '../../../../../test/support/suite.js';
import { versionerClient } from '../../../../../test/support/versioner.js';

const api = suiteServer();

const { ask, product } = versionerClient(() => api);
const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const run = (invoke_id: string) => ({ invoke_id });

describe('a deployment that may not start', () => {
  it('is told of the one that is on its way, and is recorded', async () => {
    const { deploy, history, current } = product();
    const { json: first } = await deploy('1', 'started', run('1'));
    for (const version of ['1', '2', '2']) {
      const refused = await deploy(version, 'started', run('2'));
      expect(refused).toMatchObject({
        status: 409,
        json: {
          detail: {
            error: 'deployment_blocked',
            code: 'DEPLOYMENT_IN_PROGRESS',
            message: 'Another deployment to production is already in progress',
            details: {
              rule_name: expect.any(String),
              conflicting_deployment_id: first.id,
              conflicting_deployment_status: 'started',
            },
          },
          code: 'DEPLOYMENT_IN_PROGRESS',
          message: 'Another deployment to production is already in progress',
          error: 'deployment_blocked',
        },
      });
    }
    expect((await history()).map(({ version, status }) => [version, status])).toEqual([
      ['2', 'canceled'],
      ['1', 'canceled'],
      ['1', 'deploying'],
    ]);
    const { json: listed } = await ask('GET', `/deployments/?product_name=${(await history())[0]!.project}&version=2`);
    expect(listed).toEqual([expect.objectContaining({ status: 'aborted', event_type: 'deployment.preflight_failed' })]);
    // Clients that only warn go on, and report what came of it.
    const { json: done } = await deploy('2', 'completed', run('2'));
    expect(done).toMatchObject({ id: listed[0].id, status: 'completed' });
    expect(await current()).toMatchObject({ version: '2', number: 3 });
  });

  it('starts once the other has ended', async () => {
    const { deploy, history } = product();
    await deploy('1', 'started');
    expect((await deploy('2', 'started')).status).toBe(409);
    await deploy('1', 'completed');
    expect((await deploy('2', 'started')).status).toBe(200);
    await deploy('2', 'completed');
    expect((await history()).map(({ version, status }) => [version, status])).toEqual([
      ['2', 'current'],
      ['2', 'canceled'],
      ['1', 'completed'],
    ]);
  });

  it('starts all the same for an administrator who says so', async () => {
    const { deploy, history } = product();
    await deploy('1', 'started');
    expect((await deploy('2', 'started', { skip_preflight_checks: true })).status).toBe(200);
    expect((await history()).map(({ version, status }) => [version, status])).toEqual([
      ['2', 'deploying'],
      ['1', 'canceled'],
    ]);
  });

  it('starts so also where it was planned', async () => {
    const { deploy, history } = product();
    await deploy('1', 'started');
    await deploy('2', 'pending');
    expect((await deploy('2', 'started', { skip_preflight_checks: true })).status).toBe(200);
    expect((await history()).map(({ version, status }) => [version, status])).toEqual([
      ['2', 'deploying'],
      ['1', 'canceled'],
    ]);
  });

  it('waits for the approvals that its target asks for', async () => {
    const { deploy, set, native, history } = product();
    await set({ approvals: [{ name: 'release', required: 1 }] });
    const from = { ...run('1'), scm_sha: SHA };
    for (let n = 0; n < 2; n += 1) {
      const { status, json } = await deploy('1', 'started', from);
      expect([status, json.detail.code, json.detail.details.deployment_id]).toEqual([
        428,
        'APPROVAL_REQUIRED',
        n === 0 ? expect.stringMatching(UUID) : expect.anything(),
      ]);
    }
    expect((await history()).map(({ status }) => status)).toEqual(['blocked']);
    expect((await native('/deployments/1/approve')).status).toBe(200);
    expect((await deploy('1', 'started', from)).json.status).toBe('started');
    expect((await deploy('1', 'completed', from)).json).toMatchObject({
      extra_metadata: { preflight_status: { rules_evaluated: [] } },
    });
  });

  it('may be begun by another run once it was approved', async () => {
    const { deploy, set, native, history } = product();
    await set({ approvals: [{ name: 'release', required: 1 }] });
    expect((await deploy('1', 'started', run('1'))).status).toBe(428);
    expect((await native('/deployments/1/approve')).status).toBe(200);
    expect((await deploy('1', 'started', run('2'))).json.status).toBe('started');
    expect((await history()).map(({ number, status }) => [number, status])).toEqual([[1, 'deploying']]);
  });

  it('but succeeded is recorded, with the rule that it passed by', async () => {
    const { deploy, set, current } = product();
    await set({ approvals: [{ name: 'release', required: 1 }] });
    await deploy('1', 'started', run('1'));
    const { status, json } = await deploy('1', 'completed', run('1'));
    expect([status, json.extra_metadata.preflight_status.rules_evaluated]).toEqual([
      200,
      [
        {
          rule_name: 'approval_required',
          status: 'report_only',
          evaluation_result: 'failed',
          error_message: expect.any(String),
        },
      ],
    ]);
    expect(await current()).toMatchObject({ number: 1, violations: ['approval_required'] });
  });

  it('lacks the plan that its target asks for', async () => {
    const { deploy, set, history } = product();
    await set({ requireSchedule: true });
    const refused = await deploy('1', 'started', run('1'));
    expect([refused.status, refused.json.detail.code]).toEqual([428, 'NO_SCHEDULED_DEPLOYMENT']);
    await deploy('2', 'pending', run('2'));
    expect((await deploy('2', 'started', run('2'))).status).toBe(200);
    expect((await history()).map(({ version, status }) => [version, status])).toEqual([
      ['2', 'deploying'],
      ['1', 'canceled'],
    ]);
  });
});
