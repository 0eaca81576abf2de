import { describe, expect, it } from '@jest/globals';
import { CloudEvent, emitterFor, httpTransport, Mode } from 'cloudevents';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { cdeventsClient, deployment, eventOf, PURL, service } from '../../../../../test/support/cdevents.js';
import { TOKEN, unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { exchange } from '../../../../../test/support/wire.js';

const api = suiteServer();

const { send, binary, structured, batch, history } = cdeventsClient(() => api);

describe('a service', () => {
  it.each([
    ['structured', structured],
    ['binary', binary],
  ])('is deployed, upgraded, rolled back and removed in %s mode', async (_, by) => {
    const name = unique('shop');
    const { status, json } = await by(service(name, 'deployed', '1.0'));
    expect([status, json]).toEqual([
      202,
      expect.objectContaining({
        outcome: 'accepted',
        project: name,
        target: 'production',
        number: 1,
        status: 'current',
      }),
    ]);
    await by(service(name, 'upgraded', '1.1'));
    await by(service(name, 'rolledback', '1.0'));
    expect(await history(name)).toEqual([
      'production 1.0 current',
      'production 1.1 rolled_back',
      'production 1.0 completed',
    ]);
    await by(service(name, 'removed'));
    expect((await by(service(name, 'removed'))).json.outcome).toBe('ignored');
    expect((await history(name))[0]).toBe('production 1.0 retired');
    const [{ finishedAt, metadata }] = (await api.call(`/api/v1/projects/${name}/targets/production/deployments`)).body
      .items;
    expect([finishedAt, metadata.cdevents]).toEqual([
      // The SDK sends milliseconds.
      '2026-03-20T14:27:05.315000Z',
      expect.objectContaining({ type: 'dev.cdevents.service.rolledback.0.3.0', artifactId: PURL(name, '1.0') }),
    ]);
  });

  it('comes from the SDK’s own emitter', async () => {
    const name = unique('shop');
    const emit = emitterFor(httpTransport(`${api.server.url}/cdevents?access_token=${TOKEN}`), { mode: Mode.BINARY });
    await emit(service(name, 'deployed', '1.0'));
    expect(await history(name)).toEqual(['production 1.0 current']);
  });

  it('is the project that the address names', async () => {
    const project = unique('octocat/shop');
    const path = `/cdevents/${encodeURIComponent(project)}/`;
    await structured(service('service/shop', 'deployed', '1.0'), { path });
    await structured(deployment('something', 'started', '1.1'), { path });
    expect(await history(project)).toEqual(['production 1.1 deploying', 'production 1.0 current']);
  });

  it.each([
    ['pkg:golang/mygit.com/myorg/myapp@234fd47e07d1004f0aed9c', '234fd47e07d1004f0aed9c'],
    ['pkg:oci/myapp@sha256%3A0b31b1', 'sha256:0b31b1'],
    ['pkg:oci/myapp', 'pkg:oci/myapp'],
    ['six-1.14.0-py2.py3-none-any.whl', 'six-1.14.0-py2.py3-none-any.whl'],
  ])('of the artifact %s has the version %s', async (artifactId, version) => {
    const name = unique('shop');
    await binary(eventOf('service.deployed', { id: name, content: { artifactId } }));
    expect(await history(name)).toEqual([`production ${version} current`]);
  });
});

describe('a deployment', () => {
  it('is queued, started and finished as one, and its service told of it', async () => {
    const name = unique('shop');
    for (const event of [
      deployment(name, 'queued', '1.0'),
      deployment(name, 'started', '1.0'),
      deployment(name, 'finished', '1.0', { outcome: 'success' }),
      service(name, 'deployed', '1.0'),
      deployment(name, 'started', '1.0'),
    ])
      expect((await binary(event)).json.number).toBe(1);
    expect(await history(name)).toEqual(['production 1.0 current']);
    // A second time is another deployment.
    await binary(service(name, 'deployed', '1.0'));
    expect(await history(name)).toEqual(['production 1.0 current', 'production 1.0 completed']);
  });

  it.each([
    ['success', 'current'],
    ['failure', 'failed'],
    ['error', 'failed'],
    ['cancel', 'canceled'],
  ])('that ends with %s is %s, whether it was heard of or not', async (outcome, status) => {
    for (const begun of [true, false]) {
      const name = unique('shop');
      if (begun) await structured(deployment(name, 'started', '1'));
      const { status: told, json } = await structured(deployment(name, 'finished', '1', { outcome }));
      expect([told, json.status]).toEqual([202, status]);
      expect(await history(name)).toEqual([`production 1 ${status}`]);
    }
  });

  it('takes the place of one that is on its way', async () => {
    const name = unique('shop');
    await binary(deployment(name, 'started', '1'));
    await binary(deployment(name, 'started', '2'));
    await binary(deployment(name, 'finished', '1', { outcome: 'success' }));
    expect(await history(name)).toEqual(['production 2 deploying', 'production 1 current']);
  });
});

describe('an event', () => {
  it('is taken once, in whichever mode and however often it comes', async () => {
    const name = unique('shop');
    const event = service(name, 'deployed', '1');
    const told = [await structured(event), await binary(event), (await batch([event, event])) as Loose];
    expect(told.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect([told[1].json, ...told[2].json.results]).toEqual(Array.from({ length: 3 }, () => told[0]!.json));
    await Promise.all(Array.from({ length: 5 }, () => binary(event)));
    const other = service(name, 'rolledback', '1');
    await Promise.all(Array.from({ length: 3 }, () => structured(other)));
    expect(await history(name)).toEqual(['production 1 current', 'production 1 completed']);
  });

  it('is taken once, though others wrote to its target since the last one', async () => {
    const name = unique('shop');
    const write = (description: string) =>
      api.call(`/api/v1/projects/${name}/targets/production`, { method: 'PATCH', body: { description } });
    const started = deployment(name, 'started', '1');
    const finished = deployment(name, 'finished', '1', { outcome: 'success' });
    await binary(started);
    expect((await write('a')).status).toBe(200);
    const told = await binary(finished);
    expect(told).toMatchObject({ status: 202, json: { outcome: 'accepted', number: 1, status: 'current' } });
    await write('b');
    expect((await structured(finished)).json).toEqual(told.json);
    await binary(deployment(name, 'started', '2'));
    await write('c');
    const both = await Promise.all([binary(finished), binary(finished), binary(started)]);
    expect(both.map(({ status, json }) => [status, json.number])).toEqual([1, 2, 3].map(() => [202, 1]));
    expect(await history(name)).toEqual(['production 2 deploying', 'production 1 current']);
  });

  it('is taken of a target that was deleted since the last one', async () => {
    const name = unique('shop');
    await binary(service(name, 'deployed', '1'));
    expect((await api.call(`/api/v1/projects/${name}/targets/production`, { method: 'DELETE' })).status).toBe(200);
    const event = service(name, 'deployed', '2');
    const told = await binary(event);
    expect(told).toMatchObject({ status: 202, json: { outcome: 'accepted', status: 'current' } });
    expect((await binary(event)).json).toEqual(told.json);
    expect(await history(name)).toEqual(['production 2 current', 'production 1 retired']);
  });

  it('takes a service down that has run for long', async () => {
    const name = unique('shop');
    await binary(service(name, 'deployed', '1'));
    for (let n = 2; n < 34; n += 1) {
      await binary(deployment(name, 'started', `${n}`));
      await binary(deployment(name, 'finished', `${n}`, { outcome: 'failure' }));
    }
    expect((await binary(service(name, 'removed'))).json).toMatchObject({ number: 1, status: 'retired' });
  }, 30_000);

  it('in a batch is taken by itself', async () => {
    const [name, gated] = [unique('shop'), unique('gated')];
    const settings = { approvals: [{ name: 'release', required: 1 }] };
    await api.call(`/api/v1/projects/${gated}/targets`, { body: { key: 'production', settings } });
    const { status, json } = await batch([
      service(name, 'deployed', '1'),
      deployment(gated, 'started', '1'),
      eventOf('service.published', { id: name }),
      service(name, 'upgraded', '2'),
    ]);
    expect([status, json.results.map(({ outcome }: Loose) => outcome)]).toEqual([
      409,
      ['accepted', 'refused', 'ignored', 'accepted'],
    ]);
    expect(json.results[1].problem.code).toBe('approval_required');
    expect(await history(name)).toEqual(['production 2 current', 'production 1 completed']);
  });

  it('of another type is ignored', async () => {
    for (const type of [
      'dev.cdevents.pipelinerun.started.0.2.0',
      'com.example.anything',
      'dev.cdevents.service.published.0.3.0',
    ])
      expect((await binary(new CloudEvent({ type, source: '/x', data: {} }))).json).toMatchObject({
        outcome: 'ignored',
      });
  });

  const whole = { specversion: '1.0', id: '1', source: '/x', type: 'dev.cdevents.service.deployed.0.3.0' };
  const subject = { id: 'x', content: { environment: { id: 'production' }, artifactId: 'pkg:oci/x@1' } };
  it.each<[string, Loose, string]>([
    ['no object', '[]', 'event'],
    ['no id', { ...whole, id: undefined }, 'id'],
    ['an empty source', { ...whole, source: '' }, 'source'],
    ['another version of CloudEvents', { ...whole, specversion: '0.3' }, 'specversion'],
    ['a time that is none', { ...whole, time: 'now' }, 'time'],
    ['a time to come', { ...whole, time: '2100-01-01T00:00:00Z', data: { subject } }, 'occurredAt'],
    ['no data', whole, 'data.subject.id'],
    ['data that is no JSON', { ...whole, data: '<a/>' }, 'data'],
    ['no artifact', { ...whole, data: { subject: { ...subject, content: {} } } }, 'data.subject.content.artifactId'],
    [
      'no environment',
      { ...whole, data: { subject: { ...subject, content: { artifactId: 'pkg:oci/x@1' } } } },
      'data.subject.content.environment.id',
    ],
    [
      'an end without an outcome',
      { ...whole, type: 'dev.cdevents.deployment.finished.0.1.0', data: { subject } },
      'data.subject.content.outcome',
    ],
    [
      'an outcome of no such name',
      {
        ...{ ...whole, type: 'dev.cdevents.deployment.finished.0.1.0' },
        data: { subject: { ...subject, content: { ...subject.content, outcome: 'constructor' } } },
      },
      'data.subject.content.outcome',
    ],
    ['a service that can be no key', { ...whole, data: { subject: { ...subject, id: ' x' } } }, 'data.subject.id'],
  ])('with %s is refused, and told why', async (_, event, field) => {
    const body = typeof event === 'string' ? event : JSON.stringify(event);
    const { status, json } = await send({ headers: { 'content-type': 'application/cloudevents+json' }, body });
    expect([status, json.code, json.errors?.[0].field]).toEqual([400, 'bad_request', field]);
  });

  it('is none without its headers, in another media type, or in an empty batch', async () => {
    const json = { 'content-type': 'application/json' };
    expect(await send({ headers: json, body: '{}' })).toMatchObject({ status: 400, json: { code: 'bad_request' } });
    expect(await send({ headers: { 'content-type': 'text/plain' }, body: 'x' })).toMatchObject({ status: 415 });
    expect(await batch([])).toMatchObject({ status: 400 });
    expect(await batch([service('x', 'deployed', '1'), {}])).toMatchObject({ status: 400 });
    const structuredType = { 'content-type': 'application/cloudevents+json' };
    expect(await send({ headers: structuredType, body: '{}' }, { path: '/api/v1/commands' })).toMatchObject({
      status: 415,
    });
  });
});

it('a token is asked for what it reaches', async () => {
  const project = unique('mine');
  const { token } = await tokenOf(api, { name: unique('ci'), projects: [project] });
  expect((await binary(service(project, 'deployed', '1'), { token })).status).toBe(202);
  expect((await binary(service('other', 'deployed', '1'), { token })).status).toBe(404);
  expect((await binary(service('x', 'deployed', '1'), { token, path: '/cdevents/other' })).status).toBe(404);
  expect((await binary(service(project, 'deployed', '1'), { token: null })).status).toBe(401);
  expect(
    (await binary(service(project, 'deployed', '2'), { token: null, path: `/cdevents?access_token=${token}` })).status,
  ).toBe(202);
});

it('a sender that asks whether it may send is told so', async () => {
  const headers = { 'webhook-request-origin': 'eventemitter.example.com' };
  const { status, headers: told } = await exchange(api.server.url, {
    method: 'OPTIONS',
    path: '/cdevents',
    headers,
    token: TOKEN,
  });
  expect([status, told['webhook-allowed-origin'], told['allow']]).toEqual([200, 'eventemitter.example.com', 'POST']);
});
