import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { refOf, spaceClient } from '../../../../../test/support/space.js';
import { API, unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { until } from '../../../../../test/support/until.js';

const api = suiteServer();

const { ask, place, report, native } = spaceClient(() => api);
const main = (commit?: string) => [refOf('main', commit)];

describe('what pipelines report', () => {
  it('is shown with every member that the documentation has, and no other', async () => {
    const { at } = await place();
    const externalLink = { label: 'CI', url: 'https://ci.example/1' };
    const commitRefs = [refOf('main', 'abc1234')];
    const first = await report(at, 'finish', { version: '1', commitRefs, externalLink, description: 'the first' });
    await report(at, 'schedule', { version: '2', commitRefs: [refOf('next')] });
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const notCounted = {
      commitsAdded: null,
      mergesAdded: null,
      issuesAdded: null,
      commitsReverted: null,
      mergesReverted: null,
      issuesReverted: null,
    };
    const { json } = await ask('GET', `${at}/production/${first.id}`);
    const { target, channel, ...record } = json;
    expect(record).toEqual({
      ...notCounted,
      className: 'DeploymentRecord',
      id: first.id,
      version: '1',
      status: 'CURRENT',
      scheduledStart: null,
      startedAt: null,
      finishedAt: moment,
      createdAt: moment,
      description: 'the first',
      targetKey: 'production',
      syncStatus: 'SYNCED',
      commitRefs: [
        {
          ...notCounted,
          className: 'DeploymentCommitRefDetails',
          repositoryName: 'web-shop',
          branch: 'main',
          commit: 'abc1234',
          timestamp: null,
          head: false,
          missing: false,
          rollback: false,
          initial: null,
        },
      ],
      jobIds: null,
      externalLink: { className: 'ExternalLink', ...externalLink },
      archived: false,
    });
    expect(channel).toMatchObject({ className: 'M2ChannelRecord', id: expect.stringContaining(first.id) });
    // What is within the target names that in brief: else there would be no end.
    const { current, next, ...brief } = target;
    const within = { ...brief, links: undefined };
    for (const each of [current, next]) expect(within).toMatchObject(each.target);
    expect({ ...current, target: 0 }).toEqual({ ...record, channel, target: 0 });
    expect(next).toMatchObject({
      status: 'SCHEDULED',
      version: '2',
      commitRefs: [{ branch: 'next', commit: '', head: true, rollback: false }],
    });
  });

  it('shows the commits of a rollback as such', async () => {
    const { project, at } = await place();
    for (const version of ['1', '2'])
      await report(at, 'finish', { version, commitRefs: [refOf('main', `abc123${version}`)] });
    const path = `${API}/projects/${project}/targets/production/rollback`;
    const { body } = await api.call(path, { body: {} });
    const { json } = await ask('GET', `${at}/production/id:${body.deployment.id}`);
    expect(json).toMatchObject({ version: '1', commitRefs: [{ commit: 'abc1231', rollback: true }] });
  });

  it('branches are shown as they were sent', async () => {
    const { at } = await place();
    const commitRefs = [refOf('refs/tags/v1', 'abc1234'), refOf('refs/heads/main', 'def5678')];
    const started = await report(at, 'start', { version: '1', commitRefs });
    expect(started.commitRefs.map(({ branch }: { branch: string }) => branch)).toEqual([
      'refs/tags/v1',
      'refs/heads/main',
    ]);
  });

  it('is one deployment when it is sent several times at once', async () => {
    const { project, at } = await place();
    const finish = { version: '1', commitRefs: main('abc1234') };
    const all = await Promise.all(Array.from({ length: 8 }, () => report(at, 'finish', finish)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await native(project)).toHaveLength(1);
  });

  it('is one deployment for each Idempotency-Key', async () => {
    const { project, at } = await place();
    const body = { targetIdentifier: 'production', version: '1' };
    const finish = async (key: string): Promise<string> =>
      (await ask('POST', `${at}/finish`, body, { headers: { 'idempotency-key': key } })).json.id;
    const [one, again, other] = [await finish('one'), await finish('one'), await finish('two')];
    expect([again, other === one]).toEqual([one, false]);
    expect(await native(project)).toHaveLength(2);
  });

  it.each<[verb: 'POST' | 'PATCH' | 'DELETE', steps: string[]]>([
    ['POST', ['start']],
    ['PATCH', ['start']],
    ['DELETE', ['schedule']],
  ])(
    'by %s with an Idempotency-Key is answered as before, where what it meant is not there any more',
    async (verb, steps) => {
      const { project, at } = await place();
      for (const step of steps) await report(at, step, { version: '1', commitRefs: main('abc1234') });
      const meant = verb === 'DELETE' ? 'status:SCHEDULED' : 'status:DEPLOYING';
      const body = { targetIdentifier: 'production', deploymentIdentifier: meant, description: 'once' };
      const path = { POST: `${at}/finish`, PATCH: at, DELETE: `${at}/production/${meant}` }[verb];
      const send = (): Promise<Loose> =>
        ask(verb, path, verb === 'DELETE' ? undefined : body, { headers: { 'idempotency-key': 'once' } });
      const first = await send();
      if (verb === 'PATCH') await report(at, 'finish', {});
      const again = await send();
      expect([first.status, again.status, again.body]).toEqual([200, 200, first.body]);
      expect(await native(project)).toHaveLength(verb === 'DELETE' ? 0 : 1);
    },
  );

  it('names one deployment by each identifier that there is', async () => {
    const { project, at } = await place();
    const [one, two] = [
      await report(at, 'schedule', { version: '1', commitRefs: [refOf('a', 'abc1234')] }),
      await report(at, 'schedule', { version: '2', commitRefs: [refOf('b', 'def5678')] }),
    ];
    const started = await report(at, 'start', { deploymentIdentifier: 'version:2' });
    expect([started.id, started.status]).toEqual([two.id, 'DEPLOYING']);
    const finished = await report(at, 'finish', { deploymentIdentifier: 'status:DEPLOYING', description: 'done' });
    expect(finished).toMatchObject({ id: two.id, status: 'CURRENT', description: 'done' });
    const get = async (named: string): Promise<string> => (await ask('GET', `${at}/production/${named}`)).json.id;
    expect(await Promise.all(['1', `id:${one.id}`, one.id, 'status:Scheduled', 'version:1'].map(get))).toEqual(
      Array(5).fill(one.id),
    );
    await report(at, 'finish', { deploymentIdentifier: `id:${one.id}` });
    expect((await native(project)).map(({ status }) => status)).toEqual(['completed', 'current']);
  });

  it('changes what a request brings, and leaves what it does not mention', async () => {
    const { at } = await place();
    await report(at, 'schedule', {
      version: '1',
      description: 'x',
      scheduledStart: { iso: '2030-01-01T00:00:00.000Z', timestamp: 1893456000000 },
      externalLinkUrl: 'https://ci.example/1',
    });
    const patch = async (more: object) =>
      (
        await ask('PATCH', at, {
          targetIdentifier: 'key:production',
          deploymentIdentifier: 'status:scheduled',
          ...more,
        })
      ).json;
    expect(await patch({ version: '1.1', description: null, externalLink: null })).toMatchObject({
      version: '1.1',
      description: 'x',
      scheduledStart: '2030-01-01T00:00:00.000Z',
      externalLink: { label: null, url: 'https://ci.example/1' },
    });
    expect((await patch({ description: '' })).description).toBeNull();
  });

  it('through another door is seen through this one, and the reverse', async () => {
    const { project, at, targets } = await place();
    await api.call(`${API}/projects/${project}/targets/production/start`, {
      body: { version: '7', commitRefs: [{ repository: 'web-shop', branch: 'main', commit: 'abc1234' }] },
    });
    await api.call(`${API}/projects/${project}/targets/production/deployments/1/cancel`, { body: {} });
    const [{ id }] = (await native(project)) as [{ id: number }];
    expect((await ask('GET', `${at}/key:production/id:${id}`)).json).toMatchObject({ version: '7', status: 'FAILED' });
    await report(at, 'start', { version: '8' });
    await api.call(`${API}/projects/${project}/targets/production/finish`, { body: { version: '8' } });
    await native(project);
    expect((await ask('GET', `${targets}/production`)).json).toMatchObject({
      current: { version: '8', status: 'CURRENT', targetKey: 'production' },
      next: null,
    });
  });

  it.each([
    ['finish', 'CURRENT'],
    ['fail', 'FAILED'],
    ['start', 'DEPLOYING'],
  ])('that hangs can still %s', async (verb, status) => {
    const { project, at } = await place();
    const target = `${API}/projects/${project}/targets/production`;
    const settings = { hanging: { enabled: true, afterMinutes: 0.001 } };
    await api.call(target, { method: 'PATCH', body: { settings } });
    const { id } = await report(at, 'start', { version: '1', commitRefs: main('abc1234') });
    await until(async () => (await ask('GET', `${at}/production/id:${id}`)).json.status === 'HANGING');
    const { json } = await ask('GET', `${at}/production/status:deploying`);
    expect(json).toMatchObject({ id, status: 'HANGING' });
    await api.call(target, { method: 'PATCH', body: { settings: { hanging: { enabled: false, afterMinutes: 30 } } } });
    expect(await report(at, verb, { commitRefs: main('abc1234') })).toMatchObject({ id, status });
  });

  it('that waits for approval is scheduled, and does not start', async () => {
    const { project, at, targets } = await place();
    await api.call(`${API}/projects/${project}/targets/production`, {
      method: 'PATCH',
      body: { settings: { approvals: [{ name: 'lead', required: 1 }] } },
    });
    const planned = await report(at, 'schedule', { version: '1', commitRefs: main('abc1234') });
    expect(planned).toMatchObject({ status: 'SCHEDULED', target: { next: { id: planned.id } } });
    expect((await ask('GET', `${targets}/production`)).json.next.id).toBe(planned.id);
    const refused = await ask('POST', `${at}/start`, { targetIdentifier: 'production', commitRefs: main('abc1234') });
    expect([refused.status, refused.json.error]).toEqual([400, 'request-error']);
  });
});

describe('a token', () => {
  it('needs the scope, and reaches its projects alone', async () => {
    const { project, at, targets } = await place();
    const scopes = ['deployments:write'];
    const { token } = await tokenOf(api, { name: unique('writer'), projects: [project], scopes });
    const stranger = (await tokenOf(api, { name: unique('stranger'), projects: ['elsewhere'], scopes })).token;
    const by = (who: string) => ({ headers: { authorization: `Bearer ${who}` } });
    const start = { targetIdentifier: 'production', version: '1' };
    expect((await ask('POST', `${at}/start`, start, by(token))).status).toBe(200);
    const target = { key: 'new', name: 'New', description: '' };
    expect((await ask('POST', targets, target, by(token))).json.error).toBe('permission-denied');
    for (const [method, path, body] of [
      ['POST', `${at}/start`, start],
      ['GET', at, undefined],
      ['GET', `${targets}/production`, undefined],
      ['GET', `/api/http/projects/${project}`, undefined],
    ] as const) {
      const refused = await ask(method, path, body, by(stranger));
      expect([path, refused.status, refused.json.error]).toEqual([path, 404, 'not-found']);
    }
    const all = '/api/http/projects/automation/deployment-targets';
    const { fullNumberId } = (await ask('GET', `${targets}/production`)).json;
    const seen = await Promise.all([
      ask('GET', `${all}?project=${project}`, undefined, by(stranger)),
      ask('GET', `${all}?search=production`, undefined, by(stranger)),
      ask('POST', `${all}/search`, { expression: { filters: [] } }, by(stranger)),
    ]);
    for (const { json } of seen) expect(json).toEqual({ next: '', totalCount: 0, data: [] });
    for (const path of [`${all}/${fullNumberId}`, `${all}/audit-log?targetIdentifier=${fullNumberId}`]) {
      expect((await ask('GET', path, undefined, by(token))).status).toBe(200);
      expect((await ask('GET', path, undefined, by(stranger))).status).toBe(404);
    }
  });
});
