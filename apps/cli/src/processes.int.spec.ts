import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { CuttingProxy } from '../../../test/support/cutting-proxy.js';
import { API, newTarget, TOKEN } from '../../../test/support/server.js';
import { suiteServer } from '../../../test/support/suite.js';
import { until } from '../../../test/support/until.js';

const MAIN = fileURLToPath(new URL('../../../dist/apps/cli/src/main.js', import.meta.url));
const api = suiteServer();

/** `shiplog` as a process of its own, and what it has said. */
const started = (args: readonly string[], url = api.server.url) => {
  const env = { ...process.env, SHIPLOG_URL: url, SHIPLOG_TOKEN: TOKEN };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const seen = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (seen.out += chunk));
  child.stderr.on('data', (chunk) => (seen.err += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...seen }));
  return { child, seen, ended };
};

const lastOf = async (project: string) => {
  const { position } = (await api.call(`${API}/status`)).body;
  return (await api.call(`${API}/deployments?project=${project}&min_position=${position}`)).body.items[0];
};
const node = (script: string): string[] => ['--', process.execPath, '-e', script];

describe('shiplog run', () => {
  it('reports a command that does well, whose output it leaves alone', async () => {
    const { project } = await newTarget(api);
    const run = ['run', project, 'production', '--version', '1', '--commit', 'web:main:abc1234'];
    expect(await started([...run, ...node('console.log("deployed")')]).ended).toEqual({
      code: 0,
      out: 'deployed\n',
      err: `${project}/production #1 1 deploying\n${project}/production #1 1 current\n`,
    });
    expect(await lastOf(project)).toMatchObject({ number: 1, status: 'current', commitRefs: [{ commit: 'abc1234' }] });
  });

  it('reports one that fails, and ends as it did', async () => {
    const { project } = await newTarget(api);
    const run = ['run', project, 'production', '--version', '1', '--json'];
    const { code, out } = await started([...run, ...node('process.exit(7)')]).ended;
    expect([code, JSON.parse(out)]).toMatchObject([7, { outcome: 'accepted', deployment: { status: 'failed' } }]);
    expect(await lastOf(project)).toMatchObject({ failureReason: 'The command ended with exit code 7.' });
    expect((await started([...run, '--', '/nowhere/at/all']).ended).code).toBe(127);
    expect(await lastOf(project)).toMatchObject({ number: 2, status: 'failed' });
  });

  it('passes on a signal, and reports what came of it', async () => {
    const { project } = await newTarget(api);
    const script = 'console.log("up"); setInterval(() => undefined, 1000)';
    const { child, seen, ended } = started(['run', project, 'production', '--version', '1', ...node(script)]);
    await until(async () => seen.out === 'up\n');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(await lastOf(project)).toMatchObject({ status: 'failed' });
  });

  it('runs nothing where the start is refused, or is no call', async () => {
    const refused = await started(['run', 'nowhere', 'production', '--version', '1', ...node('console.log("ran")')])
      .ended;
    expect(refused).toMatchObject({ code: 4, out: '' });
    for (const args of [[], ['--'], ['--', '']])
      expect(await started(['run', 'p', 't', '--version', '1', ...args]).ended).toMatchObject({ code: 2, out: '' });
    for (const args of [[], ['--version', ''], ['--commit', 'web:main']])
      expect(await started(['run', 'p', 't', ...args, ...node('')]).ended).toMatchObject({ code: 2, out: '' });
  });

  it('reports as failed what cannot be run', async () => {
    const { project } = await newTarget(api);
    for (const [n, command] of [`${MAIN}/x`, tmpdir()].entries()) {
      const { code, err } = await started(['run', project, 'production', '--version', `${n}`, '--', command]).ended;
      expect([code, err]).toEqual([126, expect.stringMatching(/cannot be run: /)]);
      expect(await lastOf(project)).toMatchObject({ number: n + 1, status: 'failed' });
    }
  });

  it('runs nothing after a signal, and says that it failed', async () => {
    const { project } = await newTarget(api);
    const proxy = await CuttingProxy.to(api.server.url);
    proxy.hang();
    const run = ['run', project, 'production', '--version', '1', ...node('console.log("ran")')];
    const { child, ended } = started(run, proxy.url);
    await until(async () => proxy.size > 0);
    child.kill('SIGTERM');
    proxy.heal();
    expect(await ended).toMatchObject({ code: 143, out: '' });
    expect(await lastOf(project)).toMatchObject({ status: 'failed' });
    proxy.close();
  });

  it('tells of the end when the service is back, and not twice', async () => {
    const { project } = await newTarget(api);
    const proxy = await CuttingProxy.to(api.server.url);
    const run = [
      'run',
      project,
      'production',
      '--version',
      '1',
      ...node('console.log("up"); setTimeout(() => 0, 500)'),
    ];
    const { seen, ended } = started(run, proxy.url);
    await until(async () => seen.out === 'up\n');
    proxy.leadTo('http://127.0.0.1:1');
    proxy.cut();
    // Longer than others are asked for again.
    await pause(6_000);
    proxy.leadTo(api.server.url);
    const { code, err } = await ended;
    expect([code, err.match(/cannot be reached: .*; asking again\n/g)]).toEqual([0, [expect.anything()]]);
    expect(await lastOf(project)).toMatchObject({ number: 1, status: 'current' });
    proxy.close();
  });

  it('ends as the command did also where nobody reads what it says', async () => {
    const { project } = await newTarget(api);
    const { child, ended } = started([
      'run',
      project,
      'production',
      '--version',
      '1',
      '--json',
      ...node('process.exit(7)'),
    ]);
    child.stdout.destroy();
    child.stderr.destroy();
    expect((await ended).code).toBe(7);
    expect(await lastOf(project)).toMatchObject({ status: 'failed' });
  });
});

describe('shiplog events --follow', () => {
  it('prints what was and what comes, until whoever reads has seen enough', async () => {
    const { path } = await newTarget(api);
    const { position } = (await api.call(`${API}/status`)).body;
    const { child, seen, ended } = started(['events', '--follow', '--json', '--after', String(position - 1)]);
    const positions = () =>
      seen.out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).position);
    await until(async () => positions().length === 1);
    await api.call(`${path}/finish`, { body: { version: '1' } });
    await until(async () => positions().length === 2);
    expect(positions()).toEqual([position, position + 1]);
    child.stdout.destroy();
    await api.call(`${path}/finish`, { body: { version: '2' } });
    expect((await ended).code).toBe(0);
  });

  it('waits for a service that was there, and goes on behind what it has printed', async () => {
    const { path } = await newTarget(api);
    const { position } = (await api.call(`${API}/status`)).body;
    const proxy = await CuttingProxy.to(api.server.url);
    const following = ['events', '--follow', '--after', String(position - 1)];
    const { child, seen, ended } = started(following, proxy.url);
    const positions = () =>
      seen.out
        .split('\n')
        .filter(Boolean)
        .map((line) => Number(line.split(' ')[0]));
    await until(async () => positions().length === 1);
    proxy.leadTo('http://127.0.0.1:1');
    proxy.cut();
    await until(async () => /asking again/.test(seen.err));
    await api.call(`${path}/finish`, { body: { version: '1' } });
    proxy.leadTo(api.server.url);
    await until(async () => positions().length === 2);
    expect(positions()).toEqual([position, position + 1]);
    child.kill();
    await ended;
    proxy.close();
  });
});
