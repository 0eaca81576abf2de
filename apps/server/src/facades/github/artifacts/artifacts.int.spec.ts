import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../../test/support/canaries.js';
import { artifactsClient, digestOf } from '../../../../../../test/support/artifacts.js';
import { API, unique, type Loose } from '../../../../../../test/support/server.js';
import { suiteServer } from '../../../../../../test/support/suite.js';

const api = suiteServer();

const { ask, image } = artifactsClient(() => api);

describe('a record', () => {
  it('is answered whole, and is a deployment that all can read', async () => {
    const { record, natives, project } = image();
    const tags = { team: 'shop' };
    const { status, json } = await record({ tags, runtime_risks: ['sensitive-data', 'sensitive-data'] });
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const kept = {
      ...{ digest: digestOf(1), logical_environment: 'prod', physical_environment: 'eu-1', cluster: 'moda-1' },
      ...{ deployment_name: 'shop/web/app', tags, runtime_risks: ['sensitive-data'] },
    };
    expect([status, json]).toEqual([
      200,
      {
        total_count: 1,
        deployment_records: [
          {
            ...{ ...kept, id: expect.any(Number), attestation_id: null },
            ...{ created: moment, created_at: moment, updated_at: moment },
          },
        ],
      },
    ]);
    const [native] = await natives();
    expect(native).toMatchObject({
      ...{ target: 'prod/eu-1/moda-1/shop/web/app', status: 'current', version: '1.2.3', commitRefs: [] },
      ...{ actor: { id: 'admin' }, metadata: { github: { artifact: { ...kept, name: `ghcr.io/${project}` } } } },
    });
    const target = `${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(native!.target)}`;
    expect((await api.call(target)).body).toMatchObject({ environmentType: 'production', repositories: [project] });
    const [shown] = (await ask('GET', `/api/v3/repos/${project}/deployments`)).json;
    expect(shown).toMatchObject({
      id: native!.id,
      ref: '1.2.3',
      sha: '',
      state: 'success',
      production_environment: true,
    });
  });

  it.each<[string, object[], string[]]>([
    ['the same again is that once', [{}, {}, {}], ['1.2.3 current']],
    ['another tag is no other deployment', [{}, { tags: { a: 'b' } }], ['1.2.3 current']],
    [
      'another digest of the version is another one',
      [{}, { digest: digestOf(2) }],
      ['1.2.3 current', '1.2.3 completed'],
    ],
    ['another version is another one', [{}, { version: '2' }], ['2 current', '1.2.3 completed']],
    ['without a version it is called by its digest', [{ version: undefined }], ['000000000000 current']],
    ['what is gone is retired', [{}, { status: 'decommissioned' }], ['1.2.3 retired']],
    ['twice gone is gone', [{}, { status: 'decommissioned' }, { status: 'decommissioned' }], ['1.2.3 retired']],
    ['what comes back is another one', [{}, { status: 'decommissioned' }, {}], ['1.2.3 current', '1.2.3 retired']],
    ['another place is another target', [{}, { cluster: 'moda-2' }], ['1.2.3 current', '1.2.3 current']],
    ['where nothing ever ran nothing is gone', [{ status: 'decommissioned' }], []],
  ])('%s', async (_, all, leaves) => {
    const { record, natives } = image();
    for (const more of all) expect((await record(more)).status).toBe(200);
    expect((await natives()).map(({ version, status }) => `${version} ${status}`)).toEqual(leaves);
  });

  it('sent many times at once is one deployment', async () => {
    const { record, natives } = image();
    const all = await Promise.all(Array.from({ length: 8 }, () => record()));
    expect(all.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await natives()).toHaveLength(1);
  });

  it('by a key is taken once, whatever runs there since', async () => {
    const { record, natives } = image();
    const headers = { 'idempotency-key': 'roll-1' };
    await record({}, headers);
    await record({ version: '2', digest: digestOf(2) });
    expect((await record({}, headers)).status).toBe(200);
    expect((await natives()).map(({ version, status }) => `${version} ${status}`)).toEqual([
      '2 current',
      '1.2.3 completed',
    ]);
  });

  it('finishes what a pipeline began there, and keeps what that said', async () => {
    const { record, natives, project, said } = image();
    await record();
    const { target } = (await natives())[0]!;
    const path = `${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(target)}`;
    const body = { version: '2', metadata: { team: 'shop' } };
    const { deployment } = (await api.call(`${path}/start`, { body })).body;
    await natives();
    await record(said({ version: '2', digest: digestOf(2) }));
    const [native] = await natives();
    expect(native).toMatchObject({ id: deployment.id, status: 'current', metadata: { team: 'shop' } });
  });

  it('keeps what the one in flight says, not another of its version that only waits', async () => {
    const { record, natives, project, said } = image();
    await record();
    const { target } = (await natives())[0]!;
    const path = `${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(target)}`;
    for (const step of ['schedule', 'start']) {
      const commitRefs = [{ repository: project, branch: step, commit: digestOf(2).slice(-40) }];
      await api.call(`${path}/${step}`, { body: { version: '2', commitRefs, metadata: { step } } });
    }
    await natives();
    await record(said({ version: '2', digest: digestOf(2) }));
    expect((await natives())[0]).toMatchObject({ number: 3, status: 'current', metadata: { step: 'start' } });
  });

  it.each([
    ['registry.example:5000/team/api', undefined, 'api'],
    ['ghcr.io/team/api:1.0@sha256:abc', undefined, 'api'],
    ['libfoo', undefined, 'libfoo'],
    ['libfoo', 'mono', 'mono'],
    ['libfoo', '{org}/mono', 'mono'],
  ])('of %s with %s as its repository is of the project %s', async (name, github_repository, repo) => {
    const { record, org } = image();
    const repository = github_repository?.replace('{org}', org);
    await record({ name, github_repository: repository });
    const { position } = (await api.call(`${API}/status`)).body;
    const path = `${API}/current?project=${encodeURIComponent(`${org}/${repo}`)}&min_position=${position}`;
    expect((await api.call(path)).body.items).toHaveLength(1);
  });

  it('has room for names of any length', async () => {
    const { record, natives } = image();
    const deployment_name = `${'ä'.repeat(250)}/1`;
    for (let n = 0; n < 2; n += 1) expect((await record({ deployment_name })).status).toBe(200);
    expect(await natives()).toHaveLength(1);
  });

  it.each<[string, object, string]>([
    ['no name', { name: undefined }, '"name" wasn\'t supplied.'],
    ['no digest', { digest: undefined }, '"digest" wasn\'t supplied.'],
    ['a digest that is none', { digest: 'latest' }, "For 'properties/digest', latest does not match sha256:<hex>."],
    ['no status', { status: undefined }, '"status" wasn\'t supplied.'],
    [
      'a status that is none',
      { status: 'gone' },
      'For \'properties/status\', gone is not a member of ["deployed", "decommissioned"].',
    ],
    ['no environment', { logical_environment: '' }, '"logical_environment" wasn\'t supplied.'],
    ['no deployment', { deployment_name: null }, '"deployment_name" wasn\'t supplied.'],
    ['a long cluster', { cluster: 'x'.repeat(129) }, '"cluster" is too long (maximum is 128 characters).'],
    ['a name of no repository', { name: '/' }, "For 'properties/name', / names no repository."],
    [
      'a repository of another organization',
      { github_repository: 'other/x' },
      expect.stringMatching(
        /^For 'properties\/github_repository', other\/x does not belong to org/,
      ) as unknown as string,
    ],
    [
      'too many tags',
      { tags: { a: '', b: '', c: '', d: '', e: '', f: '' } },
      "For 'properties/tags', it is not an object of at most 5 strings of up to 100 characters.",
    ],
    [
      'a tag that is no text',
      { tags: { a: 1 } },
      "For 'properties/tags', it is not an object of at most 5 strings of up to 100 characters.",
    ],
    [
      'an unknown risk',
      { runtime_risks: ['fire'] },
      'For \'items/runtime_risks\', fire is not a member of ["critical-resource","internet-exposed","lateral-movement","sensitive-data"].',
    ],
  ])('of %s is refused', async (_, more, message) => {
    const { record, natives } = image();
    const { status, json } = await record(more);
    expect([status, json.message.replace('Invalid request.\n\n', '')]).toEqual([422, message]);
    expect(await natives()).toEqual([]);
  });
});

describe('the records of a cluster', () => {
  const deployments = (...repositories: string[]): object[] =>
    repositories.map((repository) => ({
      ...{ name: repository, digest: digestOf(1), deployment_name: `ns/${repository}`, version: '1' },
    }));
  const where = { logical_environment: 'staging' };

  it('are stored together, deployed where they do not say otherwise', async () => {
    const { org, records } = image();
    const { status, json } = await ask('POST', `${records}/cluster/c`, {
      ...where,
      deployments: deployments('a', 'b'),
    });
    expect([status, json.total_count, json.deployment_records.map(({ cluster }: Loose) => cluster)]).toEqual([
      200,
      2,
      ['c', 'c'],
    ]);
    const { position } = (await api.call(`${API}/status`)).body;
    for (const repository of ['a', 'b']) {
      const path = `${API}/current?project=${encodeURIComponent(`${org}/${repository}`)}&min_position=${position}`;
      expect((await api.call(path)).body.items).toMatchObject([
        { target: `staging/-/c/ns/${repository}`, version: '1' },
      ]);
    }
  });

  it('of repositories that the token does not reach are told, or all are refused', async () => {
    const { org, records } = image();
    const { token } = await tokenOf(api, {
      name: unique('tracker'),
      projects: [`${org}/a`],
      scopes: ['deployments:write'],
    });
    const cluster = `${records}/cluster/c`;
    const body = { ...where, deployments: deployments('a', 'b') };
    const refused = await ask('POST', cluster, body, { token });
    expect([refused.status, refused.json.message]).toEqual([404, 'no artifacts found']);
    const partial = await ask('POST', cluster, { ...body, partial_success: true }, { token });
    expect([partial.status, partial.json]).toMatchObject([
      207,
      {
        total_count: 1,
        deployment_records: [{ deployment_name: 'ns/a' }],
        errors: [{ cause: 'unauthorized', deployment: { name: 'b', status: 'deployed' } }],
      },
    ]);
    const job = await ask('POST', `${cluster}/jobs`, body, { token });
    expect([job.status, job.json.errors]).toEqual([202, [{ name: 'b', cause: 'unauthorized' }]]);
    const read = (more: object) => ask('GET', `${cluster}/jobs/${job.json.job_id}`, undefined, more);
    expect((await read({ token })).json).toMatchObject({ status: 'completed', total_count: 1 });
    const project = `${API}/projects/${encodeURIComponent(`${org}/a`)}/targets/${encodeURIComponent('staging/-/c/ns/a')}`;
    await api.call(`${project}/finish`, { body: { version: 'by hand' } });
    const gone = { ...where, deployments: deployments('a').map((each) => ({ ...each, status: 'decommissioned' })) };
    const removal = await ask('POST', `${cluster}/jobs`, gone, { token });
    const removed = await ask('GET', `${cluster}/jobs/${removal.json.job_id}`, undefined, { token });
    expect(removed.json).toMatchObject({ status: 'completed', total_count: 1 });
    const stranger = await tokenOf(api, { name: unique('stranger'), projects: ['elsewhere'] });
    expect((await read({ token: stranger.token })).status).toBe(404);
    const nothing = { ...where, deployments: deployments('b') };
    expect((await ask('POST', `${cluster}/jobs`, nothing, { token })).status).toBe(404);
    const digests = `/api/v3/orgs/${org}/artifacts/${digestOf(1)}/metadata/deployment-records`;
    expect((await ask('GET', digests, undefined, { token: stranger.token })).json).toEqual({
      total_count: 0,
      deployment_records: [],
    });
  });

  it('run none whose digest no record can have', async () => {
    const { org, record } = image();
    await record();
    const list = (digest: string) => ask('GET', `/api/v3/orgs/${org}/artifacts/${digest}/metadata/deployment-records`);
    for (const digest of ['%22', 'sha256:'])
      expect((await list(digest)).json).toEqual({ total_count: 0, deployment_records: [] });
    expect((await list('%00')).status).toBe(422);
  });

  it.each<[string, unknown, string]>([
    ['none', [], "For 'properties/deployments', it is not an array of at least one deployment."],
    ['no list', 'x', "For 'properties/deployments', it is not an array of at least one deployment."],
    ['a text', ['x'], "For 'root', the body is not an object."],
    [
      'one place twice',
      [...deployments('a'), ...deployments('a')],
      'For \'properties/deployments\', the deployment_name "ns/a" is there twice.',
    ],
  ])('that are %s are refused', async (_, all, message) => {
    const { records } = image();
    for (const path of ['c', 'c/jobs']) {
      const { status, json } = await ask('POST', `${records}/cluster/${path}`, { ...where, deployments: all });
      expect([status, json.message]).toEqual([422, `Invalid request.\n\n${message}`]);
    }
  });

  it.each(['0', '1', 'x', '99999999999999'])('have no job %s, or one that did nothing', async (job) => {
    const { status, json } = await ask('GET', `${image().records}/cluster/c/jobs/${job}`);
    if (job === '0') expect(json).toEqual({ job_id: 0, status: 'completed', total_count: 0 });
    else expect([status, json.message]).toEqual([404, 'Not Found']);
  });
});
