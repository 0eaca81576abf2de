import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../test/support/canaries.js';
import { shellOf } from '../../../test/support/cli.js';
import { API, newTarget, TOKEN, unique } from '../../../test/support/server.js';
import { suiteServer } from '../../../test/support/suite.js';

const api = suiteServer();

const shiplog = shellOf(api);

const historyOf = async (project: string) => {
  const { position } = (await api.call(`${API}/status`)).body;
  const path = `${API}/projects/${project}/targets/production/deployments?min_position=${position}`;
  return (await api.call(path)).body.items;
};

describe('shiplog deployments', () => {
  it('takes what Space’s client takes, word by word', async () => {
    const { project } = await newTarget(api);
    const said = [project, 'production', '--version', '1.0.0', '--commit', 'my-web-app:feature/x:abc1234'];
    const link = ['--ext-label', 'CI', '--ext-url', 'https://ci.example/1'];
    expect(await shiplog(['deployments', 'schedule', ...said, ...link])).toEqual({
      code: 0,
      out: `${project}/production #1 1.0.0 scheduled\n`,
      err: '',
    });
    expect((await shiplog(['deployments', 'start', ...said])).out).toBe(`${project}/production #1 1.0.0 deploying\n`);
    expect((await shiplog(['deployments', 'finish', ...said])).out).toBe(`${project}/production #1 1.0.0 current\n`);
    const { code, out } = await shiplog(['deployments', 'start', project, 'production', '--version=2', '--json']);
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { outcome: 'accepted', deployment: { number: 2, version: '2' } },
    ]);
    expect((await shiplog(['deployments', 'fail', project, 'production'])).out).toMatch(/#2 2 failed\n$/);
    const [, first] = await historyOf(project);
    expect(first).toMatchObject({
      status: 'current',
      commitRefs: [{ repository: 'my-web-app', branch: 'feature/x', commit: 'abc1234' }],
      externalLink: { label: 'CI', url: 'https://ci.example/1' },
    });
  });

  it('calls a new one by its commit, or its branch, where no version is given', async () => {
    const { project } = await newTarget(api);
    const report = async (verb: string, commit: string) =>
      (await shiplog(['deployments', verb, project, 'production', '--commit', commit])).out.slice(project.length);
    const commit = `web:main:${'abc123'.repeat(7).slice(0, 40)}`;
    expect(await report('start', commit)).toBe('/production #1 abc123abc123 deploying\n');
    expect(await report('finish', commit)).toBe('/production #1 abc123abc123 current\n');
    expect(await report('schedule', 'web:refs/tags/v2')).toBe('/production #2 v2 scheduled\n');
  });

  it('cancels, and rolls back', async () => {
    const { project } = await newTarget(api);
    const of = [project, 'production'];
    for (const version of ['1', '2']) await shiplog(['deployments', 'finish', ...of, '--version', version]);
    const back = await shiplog(['deployments', 'rollback', ...of, '--description', 'it was slow']);
    expect(back).toMatchObject({ code: 0, out: `${project}/production #3 1 deploying\n` });
    expect(await shiplog(['deployments', 'cancel', ...of])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/#3 1 canceled/),
    });
    expect((await historyOf(project))[0]).toMatchObject({ description: 'it was slow', rollbackOf: 2 });
  });

  it.each<[what: string, commit: readonly string[], refs: readonly object[]]>([
    ['a branch', ['web:main'], [{ repository: 'web', branch: 'main' }]],
    ['HEAD', ['web:main:HEAD'], [{ repository: 'web', branch: 'main' }]],
    ['an empty commit', ['web:main:'], [{ repository: 'web', branch: 'main' }]],
    ['a tag', ['web:refs/tags/v1:abc'], [{ repository: 'web', branch: 'refs/tags/v1', commit: 'abc' }]],
    [
      'several',
      ['web:main:abc', 'api:main'],
      [
        { repository: 'web', branch: 'main', commit: 'abc' },
        { repository: 'api', branch: 'main' },
      ],
    ],
    ['nothing', [''], []],
  ])('--commit takes %s', async (_, commit, refs) => {
    const { project } = await newTarget(api);
    const commits = commit.flatMap((each) => ['--commit', each]);
    await shiplog(['deployments', 'schedule', project, 'production', '--version', '1', '--ext-url', '', ...commits]);
    expect((await historyOf(project))[0]).toMatchObject({ commitRefs: refs, externalLink: null });
  });

  it.each<[args: readonly string[], code: number, said: RegExp]>([
    [['deployments', 'start', 'p'], 2, /^usage: shiplog deployments start PROJECT TARGET/],
    [['deployments', 'start', 'p', 't', 'u'], 2, /^usage/],
    [['deployments', 'start', 'p', 't', '--nope'], 2, /--nope/],
    [['deployments', 'start', 'p', 't', '--commit', 'web'], 2, /REPOSITORY:BRANCH/],
    [['deployments', 'start', 'p', 't', '--commit', 'a:b:c:d'], 2, /REPOSITORY:BRANCH/],
    [['deployments', 'start', 'p', 't', '--version', '--json'], 2, /--version/],
    [['deployments', 'promote', 'p', 't'], 2, /^usage: shiplog configure/],
    [[], 2, /^usage/],
    [['deployments', 'start', 'p', 'nothing-here', '--version', '1'], 4, /nothing-here/],
  ])('%j ends with %i', async (args, code, said) => {
    expect(await shiplog(args)).toEqual({ code, out: '', err: expect.stringMatching(said) });
  });

  it('is refused with the reason, and a code that says which it is', async () => {
    const { project } = await newTarget(api);
    const of = [project, 'production'];
    const start = (...more: string[]) => shiplog(['deployments', 'start', ...of, ...more]);
    expect(await start()).toMatchObject({ code: 1, err: expect.stringMatching(/version/) });
    expect(await shiplog(['deployments', 'fail', ...of])).toMatchObject({ code: 5, out: '' });
    expect(await start('--version', '1', '--ext-url', 'x')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/url/),
    });
    const { token } = await tokenOf(api, { name: unique('reader'), projects: [project], scopes: ['deployments:read'] });
    const as = (SHIPLOG_TOKEN: string) => shiplog(['deployments', 'start', ...of, '--version', '1'], { SHIPLOG_TOKEN });
    expect(await as(token)).toMatchObject({ code: 3, err: expect.stringMatching(/scope/) });
    expect(await as('no-token-at-all')).toMatchObject({ code: 3 });
  });

  it('goes back to a version or a commit that was current there', async () => {
    const { project } = await newTarget(api);
    const of = [project, 'production'];
    for (const version of ['1', '2', '3'])
      await shiplog(['deployments', 'finish', ...of, '--version', version, '--commit', `web:main:abc123${version}`]);
    const back = (...to: string[]) => shiplog(['deployments', 'rollback', ...of, ...to, '--description', '- in haste']);
    expect((await back('--version', '3')).code).toBe(5);
    expect((await back('--version', '1')).out).toBe(`${project}/production #4 1 deploying\n`);
    await shiplog(['deployments', 'fail', ...of]);
    expect((await back('--commit', 'web:main:abc1232')).out).toBe(`${project}/production #5 2 deploying\n`);
    expect((await historyOf(project))[0]).toMatchObject({ rollbackOf: 3, description: '- in haste' });
    // One that failed afterwards is nothing to go back to, though it is newer.
    await shiplog(['deployments', 'fail', ...of]);
    await shiplog(['deployments', 'finish', ...of, '--version', '1']);
    await api.call(`${API}/projects/${project}/targets/production/deployments/6/fail`, { body: {} });
    expect((await back('--version', '1')).out).toBe(`${project}/production #7 1 deploying\n`);
    expect((await shiplog(['deployments', 'finish', ...of, '--version', '--dry-run'])).code).toBe(2);
    await shiplog(['deployments', 'cancel', ...of, '--description', 'no need', '--ext-url', 'https://ci.example/1']);
    expect((await historyOf(project))[0]).toMatchObject({ status: 'canceled', externalLink: null });
  });

  it('takes --json in front, and no target for a question', async () => {
    const { project } = await newTarget(api, { key: 'help' });
    const { position } = (await api.call(`${API}/status`)).body;
    await api.call(`${API}/projects/${project}/targets?min_position=${position}`);
    expect(JSON.parse((await shiplog(['--json', 'history', project, 'help'])).out)).toEqual({ items: [] });
    expect((await shiplog(['history', project, 'help'])).out).toBe('');
  });

  it('is helped by --help', async () => {
    const asked = [['--help'], ['help'], ['deployments', '--help'], ['deployments', 'start', '--help']];
    for (const args of [...asked, ['events', '--after', '5', '--help']])
      expect(await shiplog(args)).toEqual({
        code: 0,
        out: expect.stringMatching(/deployments schedule\|start/),
        err: '',
      });
  });
});

describe('shiplog configure', () => {
  it('keeps where the service is, for the next call and for nobody else', async () => {
    const HOME = mkdtempSync(join(tmpdir(), 'shiplog-'));
    const env = { HOME, SHIPLOG_URL: '', SHIPLOG_TOKEN: '' };
    const { project } = await newTarget(api);
    const start = ['deployments', 'start', project, 'production', '--version', '1'];
    expect(await shiplog(start, env)).toMatchObject({ code: 2, err: expect.stringMatching(/shiplog configure/) });
    const file = join(HOME, '.shiplog/client-config');
    expect(await shiplog(['configure', `${api.server.url}/`, TOKEN], env)).toEqual({
      code: 0,
      out: '',
      err: `Kept in ${file}.\n`,
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url: api.server.url, token: TOKEN });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await shiplog(start, env)).toMatchObject({ code: 0 });
    // Not the token of one service to another.
    expect(await shiplog(start, { ...env, SHIPLOG_URL: 'http://127.0.0.1:1' })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/kept is for .*SHIPLOG_TOKEN/),
    });
    expect(await shiplog(start, { ...env, SHIPLOG_URL: `${api.server.url}/` })).toMatchObject({ code: 0 });
  });

  it('says what it could not keep, and no token', async () => {
    const HOME = join(mkdtempSync(join(tmpdir(), 'shiplog-')), 'file');
    writeFileSync(HOME, '');
    const kept = await shiplog(['configure', api.server.url, TOKEN], { HOME });
    expect(kept).toMatchObject({ code: 2, err: expect.stringMatching(/cannot be written/) });
    for (const args of [
      [TOKEN, api.server.url],
      [`https://me:${TOKEN}@ship.example`, TOKEN],
    ])
      expect(await shiplog(['configure', ...args])).toEqual({
        code: 2,
        out: '',
        err: expect.not.stringContaining(TOKEN),
      });
  });

  it.each([
    [[]],
    [['https://ship.example']],
    [['ship.example', 'x']],
    [['https://ship.example', 'a b']],
    [['https://a', 'b', 'c']],
  ])('%j is no configuration', async (args) => {
    expect((await shiplog(['configure', ...args])).code).toBe(2);
  });
});

describe('a service that', () => {
  /** Answers each call with the next of these, and remembers under which ids they came. */
  const answering = async (answers: ReadonlyArray<readonly [number, string]>, work: (url: string) => Promise<void>) => {
    const ids: unknown[] = [];
    const server = createServer(({ headers }, response) => {
      const [status, body] = answers[Math.min(ids.length, answers.length - 1)]!;
      ids.push(headers['idempotency-key']);
      response.writeHead(status, { 'retry-after': '0.01' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.close();
    }
    return ids;
  };
  const start = ['deployments', 'start', 'p', 't', '--version', '1'];

  it('is away for a moment is asked again, for the same', async () => {
    const done = JSON.stringify({ target: { project: 'p', key: 't' }, deployment: null });
    const ids = await answering(
      [
        [503, '{}'],
        [429, '{}'],
        [200, done],
      ],
      async (SHIPLOG_URL) => {
        expect(await shiplog(start, { SHIPLOG_URL })).toMatchObject({ code: 0, out: 'p/t: nothing changed\n' });
      },
    );
    expect([ids.length, new Set(ids).size]).toEqual([3, 1]);
  });

  it('stays away is unreachable', async () => {
    const ids = await answering([[503, '{"detail":"The database is away."}']], async (SHIPLOG_URL) => {
      expect(await shiplog(start, { SHIPLOG_URL })).toEqual({ code: 6, out: '', err: 'The database is away.\n' });
    });
    expect(ids).toHaveLength(4);
    expect(await shiplog(start, { SHIPLOG_URL: 'http://127.0.0.1:1' })).toMatchObject({ code: 6 });
  }, 30_000);

  it('is another one is told apart by what it answers', async () => {
    await answering([[200, '<html>']], async (SHIPLOG_URL) => {
      expect(await shiplog(start, { SHIPLOG_URL })).toMatchObject({ code: 6, err: expect.stringMatching(/no JSON/) });
    });
    await answering([[404, '<html>']], async (SHIPLOG_URL) => {
      expect(await shiplog(start, { SHIPLOG_URL })).toMatchObject({ code: 4 });
    });
  });
});
