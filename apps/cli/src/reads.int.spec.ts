import { describe, expect, it } from '@jest/globals';
import { shellOf } from '../../../test/support/cli.js';
import { API, newTarget } from '../../../test/support/server.js';
import { suiteServer } from '../../../test/support/suite.js';

const api = suiteServer();
const shiplog = shellOf(api);

/** Views show what was commanded before. */
const settled = async (): Promise<void> => {
  const { position } = (await api.call(`${API}/status`)).body;
  await api.call(`${API}/current?min_position=${position}`);
  await api.call(`${API}/deployments?min_position=${position}`);
};

describe('shiplog targets', () => {
  it('creates, lists, shows, changes and deletes', async () => {
    const { project } = await newTarget(api);
    const options = ['--type', 'staging', '--label', 'team=shop', '--label', 'url=a=b', '--repository', 'web'];
    const settings = ['--settings', '{"requireSchedule":false}', '--name', 'Staging'];
    const created = await shiplog(['targets', 'create', project, 'staging', ...options, ...settings, '--json']);
    expect([created.code, JSON.parse(created.out).target]).toMatchObject([
      0,
      {
        ...{ key: 'staging', name: 'Staging', environmentType: 'staging', repositories: ['web'] },
        labels: { team: 'shop', url: 'a=b' },
      },
    ]);
    await shiplog(['deployments', 'finish', project, 'staging', '--version', '1']);
    await shiplog(['deployments', 'start', project, 'staging', '--version', '2']);
    await settled();
    const lines = `${project}/staging #1 1 current\n${project}/staging #2 2 deploying\n`;
    expect(await shiplog(['targets', 'show', project, 'staging'])).toEqual({ code: 0, out: lines, err: '' });
    expect((await shiplog(['targets', 'list', project])).out).toBe(`${project}/production\n${lines}`);
    const listed = JSON.parse((await shiplog(['targets', 'list', project, '--json'])).out);
    expect(listed.items.map(({ key }: { key: string }) => key)).toEqual(['production', 'staging']);

    const changed = await shiplog([
      'targets',
      'change',
      project,
      'staging',
      '--name',
      '',
      '--url',
      'https://a.example/',
      '--json',
    ]);
    expect(JSON.parse(changed.out).target).toMatchObject({
      name: null,
      externalUrl: 'https://a.example/',
      labels: { team: 'shop' },
    });
    expect((await shiplog(['targets', 'delete', project, 'staging'])).code).toBe(5);
    await shiplog(['deployments', 'cancel', project, 'staging']);
    expect(await shiplog(['targets', 'delete', project, 'staging'])).toMatchObject({ code: 0 });
    await settled();
    expect((await shiplog(['targets', 'show', project, 'staging'])).code).toBe(4);
  });

  it.each([
    [['targets', 'create', 'p'], 2],
    [['targets', 'create', 'p', 't', '--label', 'team'], 2],
    [['targets', 'create', 'p', 't', '--settings', '{'], 2],
    [['targets', 'create', 'p', 't', '--type', 'moon'], 1],
    [['targets', 'list'], 2],
    [['targets', 'list', 'nowhere'], 4],
    [['targets', 'show', 'nowhere', 't'], 4],
    [['targets'], 2],
  ])('%j ends with %d', async (args, code) => {
    const { code: ended, out, err } = await shiplog(args);
    expect([ended, out, err === '']).toEqual([code, '', false]);
  });
});

describe('shiplog current and history', () => {
  it('say what runs, what ran at a moment, and what ran before', async () => {
    const { project } = await newTarget(api);
    for (const version of ['1', '2', '3'])
      await shiplog(['deployments', 'finish', project, 'production', '--version', version]);
    await settled();
    const { items } = (await api.call(`${API}/deployments?project=${project}`)).body;
    const at = (n: number): string => items.find(({ number }: { number: number }) => number === n).finishedAt;
    expect(await shiplog(['current', project])).toEqual({
      ...{ code: 0, err: '' },
      out: `${project}/production #3 3 current ${at(3)}\n`,
    });
    const { recordedAt } = (await api.call(`${API}/events?project=${project}&limit=2`)).body.items[1];
    const then = JSON.parse((await shiplog(['current', project, '--at', recordedAt, '--json'])).out);
    expect(then).toMatchObject({ items: [{ number: 1, version: '1', status: 'current' }] });
    const history = (await shiplog(['history', project, 'production'])).out.split('\n');
    expect(history.map((line) => line.split(' ').slice(1, 4).join(' '))).toEqual([
      '#3 3 current',
      '#2 2 completed',
      '#1 1 completed',
      '',
    ]);
    const { items: last } = JSON.parse(
      (await shiplog(['history', project, 'production', '--limit', '2', '--json'])).out,
    );
    expect(last).toEqual(items.slice(0, 2));
  });

  it('read all pages of a list', async () => {
    const { project } = await newTarget(api);
    const command = (version: number) => ({
      type: 'FinishDeployment',
      commandId: `c${version}`,
      project,
      target: 'production',
      data: { version: `${version}` },
    });
    const { body } = await api.call(`${API}/commands`, { body: Array.from({ length: 450 }, (_, n) => command(n)) });
    expect(body.every(({ outcome }: { outcome: string }) => outcome === 'accepted')).toBe(true);
    await settled();
    const all = (await shiplog(['history', project, 'production'])).out.trimEnd().split('\n');
    expect(all.map((line) => line.split(' ')[1])).toEqual(Array.from({ length: 450 }, (_, n) => `#${450 - n}`));
    expect(
      (await shiplog(['history', project, 'production', '--limit', '201'])).out.trimEnd().split('\n'),
    ).toHaveLength(201);
  });

  it.each([
    [['current', 'a', 'b'], 2],
    [['current', '--at', 'yesterday'], 1],
    [['history', 'p'], 2],
    [['history', 'p', 't', '--limit', '0'], 2],
    [['history', 'nowhere', 't'], 4],
    [['events', '--after', 'x'], 2],
  ])('%j ends with %d', async (args, code) => {
    expect(await shiplog(args)).toMatchObject({ code, out: '' });
  });
});

describe('shiplog events', () => {
  it('prints the log behind a position, as people read it and as it is', async () => {
    const { position: before } = (await api.call(`${API}/status`)).body;
    const { project } = await newTarget(api);
    await shiplog(['deployments', 'finish', project, 'production', '--version', '1']);
    const { items } = (await api.call(`${API}/events?after=${before}`)).body;
    const { code, out } = await shiplog(['events', '--after', String(before), '--json']);
    expect([
      code,
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ]).toEqual([0, items]);
    const [created, finished] = items;
    expect((await shiplog(['events', '--after', String(before)])).out).toBe(
      `${before + 1} ${created.recordedAt} ${project}/production TargetCreated admin\n` +
        `${before + 2} ${finished.recordedAt} ${project}/production #1 1 DeploymentFinished admin\n`,
    );
    expect((await shiplog(['events', '--json'])).out.split('\n')).toHaveLength(before + 3);
  });

  it('is refused behind the end of the log, and without a token that is valid', async () => {
    expect(await shiplog(['events', '--follow', '--after', '999999999'])).toMatchObject({ code: 1, out: '' });
    for (const args of [['events'], ['events', '--follow']])
      expect(await shiplog(args, { SHIPLOG_TOKEN: 'no-token-of-this-service' })).toMatchObject({ code: 3, out: '' });
  });
});
