import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
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
    for (const args of [[], ['--']])
      expect(await started(['run', 'p', 't', '--version', '1', ...args]).ended).toMatchObject({ code: 2, out: '' });
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
});
