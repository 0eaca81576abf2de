import { describe, expect, it } from '@jest/globals';
import { Configuration, SpaceApi, type TargetIdentifier } from 'jetbrains-space-api';
import { API, TOKEN, unique, type Loose } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';

const api = storyServer();

const sdk = (accessToken = TOKEN): SpaceApi =>
  new SpaceApi(new Configuration({ basePath: `${api.server.url}/api/http`, accessToken }));
/** Its types have an object where its users send the text, as its own plugin does. */
const named = (text: string): TargetIdentifier => text as unknown as TargetIdentifier;
const web = (commit: string) => [{ repositoryName: 'web', branch: 'main', commit }];

const currentOf = async (project: string): Promise<Loose> => {
  const { position } = (await api.call(`${API}/status`)).body;
  const { body } = await api.call(`${API}/current?project=${project}&min_position=${position}`);
  return body.items[0];
};

/** What a client is told where it is refused. */
const refusal = async (asked: Promise<unknown>): Promise<[number, string]> => {
  try {
    await asked;
  } catch (error) {
    const { response } = error as { response: { status: number; data: { error: string; error_description: string } } };
    expect(response.data.error_description).toEqual(expect.stringMatching(/\w/));
    return [response.status, response.data.error];
  }
  throw new Error('Not refused');
};

describe('jetbrains-space-api', () => {
  it('tells its whole story: a target, scheduled, started, finished, replaced, failed', async () => {
    const client = sdk();
    const project = unique('story');
    const of = `key:${project}`;
    const target = { key: 'production', name: 'Production', description: 'Where it is sold', repositories: [] };
    const { data: made } = await client.projectsProjectAutomationDeploymentTargetsPost(of, {
      ...target,
      repositories: [{ repositoryName: 'web', missing: false }],
      hangTimeoutMinutes: 30,
      links: [{ url: 'https://shop.example', label: 'shop', main: true }],
    });
    expect(made).toMatchObject({ ...target, repositories: [{ repositoryName: 'web' }], hangTimeoutMinutes: 30 });
    expect(made).toMatchObject({ links: [{ url: 'https://shop.example', label: 'shop', main: true }], current: null });

    const targetIdentifier = named('key:production');
    const first = { targetIdentifier, version: '1.0.0', commitRefs: web('abc1234') };
    const scheduledStart = '2030-01-01T10:00:00.000Z';
    const { data: scheduled } = await client.projectsProjectAutomationDeploymentsSchedulePost(of, {
      ...first,
      scheduledStart,
      description: 'the first',
    });
    expect(scheduled).toMatchObject({ status: 'SCHEDULED', scheduledStart, description: 'the first' });
    const externalLink = { label: 'CI', url: 'https://ci.example/1' };
    const { data: started } = await client.projectsProjectAutomationDeploymentsStartPost(of, {
      ...first,
      externalLink,
    });
    expect(started).toMatchObject({ id: scheduled.id, status: 'DEPLOYING', externalLink, targetKey: 'production' });
    expect(started.startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const { data: finished } = await client.projectsProjectAutomationDeploymentsFinishPost(of, first);
    expect(finished).toMatchObject({ id: scheduled.id, status: 'CURRENT', target: { current: { id: scheduled.id } } });
    expect(await currentOf(project)).toMatchObject({ id: Number(scheduled.id), version: '1.0.0', externalLink });

    const second = { targetIdentifier, version: '2.0.0', commitRefs: web('def5678') };
    await client.projectsProjectAutomationDeploymentsStartPost(of, second);
    await client.projectsProjectAutomationDeploymentsFinishPost(of, second);
    const get = (named: string) =>
      client.projectsProjectAutomationDeploymentsTargetIdentifierDeploymentIdentifierGet(of, 'key:production', named);
    expect((await get(`id:${scheduled.id}`)).data.status).toBe('OBSOLETE');
    expect((await get('status:current')).data.version).toBe('2.0.0');
    expect((await get('version:1.0.0')).data.id).toBe(scheduled.id);

    await client.projectsProjectAutomationDeploymentsStartPost(of, { ...first, version: '3.0.0' });
    const { data: failed } = await client.projectsProjectAutomationDeploymentsFailPost(of, { targetIdentifier });
    expect(failed).toMatchObject({ version: '3.0.0', status: 'FAILED' });
    expect(await currentOf(project)).toMatchObject({ version: '2.0.0' });

    const { data: list } = await client.projectsProjectAutomationDeploymentsGet(of, 'key:production');
    expect(list).toMatchObject({ totalCount: 3, next: '' });
    expect(list.data.map(({ version, status }) => [version, status])).toEqual([
      ['3.0.0', 'FAILED'],
      ['2.0.0', 'CURRENT'],
      ['1.0.0', 'OBSOLETE'],
    ]);
  });

  it('reads every target of all projects, in batches, and by each way of naming one', async () => {
    const client = sdk();
    const project = unique('many');
    for (const key of ['a', 'b', 'c', 'd', 'e'])
      await client.projectsProjectAutomationDeploymentTargetsPost(project, {
        key,
        name: `Target ${key}`,
        description: key === 'c' ? 'The Canary' : '',
        repositories: [],
      });
    const keys: string[] = [];
    for (let skip: string | undefined; ;) {
      const { data } = await client.projectsAutomationDeploymentTargetsGet(
        `key:${project}`,
        undefined,
        undefined,
        'name',
        'DESC',
        skip,
        2,
      );
      expect(data.totalCount).toBe(5);
      keys.push(...data.data.map(({ key }) => key));
      if (data.next === '') break;
      skip = data.next;
    }
    expect(keys).toEqual(['e', 'd', 'c', 'b', 'a']);
    const { data: found } = await client.projectsAutomationDeploymentTargetsGet(undefined, 'canary');
    expect(found.data.filter(({ projectId }) => projectId === project).map(({ key }) => key)).toEqual(['c']);
    const searched = await client.projectsAutomationDeploymentTargetsSearchPost({
      expression: {
        filters: [
          { className: 'DeployTargetsSearchFilter.ByProjects', projects: [`id:${project}`], negated: false },
          { className: 'DeployTargetsSearchFilter.ByName', searchText: 'target D' },
        ] as never,
      },
      batchInfo: { offset: '0', batchSize: 10 },
    });
    expect(searched.data.data.map(({ key }) => key)).toEqual(['d']);

    const [{ id, number, fullNumberId }] = found.data.filter(({ projectId }) => projectId === project) as [Loose];
    const get = async (text: string): Promise<string> =>
      (await client.projectsProjectAutomationDeploymentTargetsTargetGet(`id:${project}`, text)).data.key;
    expect(await Promise.all([`id:${id}`, 'id:c', 'key:c', 'c', `number:${number}`].map(get))).toEqual(
      Array(5).fill('c'),
    );
    expect((await client.projectsAutomationDeploymentTargetsFullNumberIdGet(fullNumberId)).data.key).toBe('c');
    expect((await client.projectsProjectAutomationDeploymentTargetsFavoritesGet(project)).data).toEqual([]);
  });

  it('changes and deletes targets and deployments', async () => {
    const client = sdk();
    const project = unique('changed');
    const target = { key: 'production', name: 'Production', description: 'x', repositories: [] };
    await client.projectsProjectAutomationDeploymentTargetsPost(project, target);
    const change = { name: 'Shop', manualControl: false, failTimeoutMinutes: 15 };
    const changed = await client.projectsProjectAutomationDeploymentTargetsTargetPatch(
      project,
      'key:production',
      change,
    );
    expect([changed.status, changed.data]).toEqual([200, '']);
    const { data: shown } = await client.projectsProjectAutomationDeploymentTargetsTargetGet(project, 'key:production');
    expect(shown).toMatchObject({ ...change, description: 'x' });
    const targetIdentifier = named('production');
    const { data: planned } = await client.projectsProjectAutomationDeploymentsSchedulePost(project, {
      targetIdentifier,
      version: '1',
    });
    const patched = await client.projectsProjectAutomationDeploymentsPatch(project, {
      targetIdentifier,
      deploymentIdentifier: 'status:scheduled' as never,
      version: '1.1',
      description: 'better',
    });
    expect(patched.data).toMatchObject({ id: planned.id, version: '1.1', description: 'better', status: 'SCHEDULED' });
    const remove = () =>
      client.projectsProjectAutomationDeploymentsTargetIdentifierDeploymentIdentifierDelete(
        project,
        'production',
        `id:${planned.id}`,
      );
    expect((await remove()).status).toBe(200);
    expect(await refusal(remove())).toEqual([404, 'not-found']);
    expect((await client.projectsProjectAutomationDeploymentTargetsTargetDelete(project, 'production')).status).toBe(
      200,
    );
    expect(await refusal(client.projectsProjectAutomationDeploymentTargetsTargetGet(project, 'production'))).toEqual([
      404,
      'not-found',
    ]);
  });

  it('asks for some fields and gets those', async () => {
    const client = sdk();
    const project = unique('fields');
    const target = { key: 'production', name: 'Production', description: '', repositories: [] };
    const { data: made } = await client.projectsProjectAutomationDeploymentTargetsPost(project, target, 'id,key');
    expect(Object.keys(made).toSorted()).toEqual(['className', 'id', 'key']);
    await client.projectsProjectAutomationDeploymentsFinishPost(project, {
      targetIdentifier: named('production'),
      version: '1',
    });
    const fields = 'data(id,target(key,current(version)),commitRefs),totalCount';
    const { data: list } = await client.projectsProjectAutomationDeploymentsGet(
      project,
      undefined,
      undefined,
      undefined,
      undefined,
      fields,
    );
    expect(list).toEqual({
      totalCount: 1,
      data: [
        {
          className: 'DeploymentRecord',
          id: expect.any(String),
          target: {
            className: 'DeployTargetRecord',
            key: 'production',
            current: { className: 'DeploymentRecord', version: '1' },
          },
          commitRefs: [],
        },
      ],
    });
  });

  it('is refused as it reads refusals', async () => {
    const client = sdk();
    const project = unique('refused');
    const target = { key: 'production', name: 'Production', description: '', repositories: [] };
    await client.projectsProjectAutomationDeploymentTargetsPost(project, target);
    const start = (more: object, by = client) =>
      by.projectsProjectAutomationDeploymentsStartPost(project, { targetIdentifier: named('production'), ...more });
    expect(await refusal(client.projectsProjectAutomationDeploymentTargetsPost(project, target))).toEqual([
      409,
      'duplicated-entity',
    ]);
    expect(await refusal(start({}))).toEqual([400, 'validation-error']);
    expect(await refusal(start({ targetIdentifier: 'key:nothing', version: '1' }))).toEqual([404, 'not-found']);
    expect(await refusal(start({ version: '1' }, sdk('not-a-token')))).toEqual([401, 'authentication-required']);
    const fail = client.projectsProjectAutomationDeploymentsFailPost(project, {
      targetIdentifier: named('production'),
    });
    expect(await refusal(fail)).toEqual([404, 'not-found']);
  });
});
