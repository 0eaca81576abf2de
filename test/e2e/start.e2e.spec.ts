import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const WITHIN = 120_000;

type Started = Readonly<{ child: ChildProcess; said: string; log(): string; curls: string[]; pids: number[] }>;

let dataDir: string;
let kafkaPort: number;
const groups = new Set<number>();

const npmStart = (more: Record<string, string> = {}): ChildProcess => {
  const child = spawn('npm', ['start'], {
    cwd: root,
    // A group of its own, as a terminal gives it one, so that Ctrl-C can reach all of it.
    detached: true,
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_|npm_|JEST_)/i.test(name))),
      ...{ PORT: '0', KAFKA_PORT: String(kafkaPort), SHIPLOG_DATA_DIR: dataDir },
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) groups.add(child.pid);
  return child;
};

const pidFiles = ['service.pid', 'postgres/cluster/postmaster.pid', 'kafka/kafka.pid'];
const pidsOf = (): number[] =>
  pidFiles
    .map((file) => join(dataDir, file))
    .filter((file) => existsSync(file))
    .map((file) => Number.parseInt(readFileSync(file, 'utf8'), 10));

/** A zombie, which only waits for its parent to take notice, is dead. */
const isAlive = (pid: number): boolean =>
  /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim());

/** Runs `npm start` until it has said all it has to say. */
const start = async (): Promise<Started> => {
  const child = npmStart();
  let said = '';
  let log = '';
  child.stderr?.on('data', (chunk) => (log += String(chunk)));
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('Ctrl-C')) break;
  }
  if (!said.includes('Ctrl-C')) throw new Error(`npm start ended:\n${said}\n${log.slice(-2000)}`);
  const curls = said.split('\n').filter((line) => line.startsWith('curl '));
  return { child, said, log: () => log, curls, pids: pidsOf() };
};

/** Sends a signal to the whole group, as a terminal does, and answers npm's exit code. */
const end = async ({ child }: Started, signal: NodeJS.Signals): Promise<number | null> => {
  const exited = once(child, 'exit');
  process.kill(-(child.pid ?? 0), signal);
  const [code] = (await exited) as [number | null];
  return code;
};

/** What a person sees who pastes the command into a shell: a line of JSON for each answer. */
const paste = (curl = ''): unknown[] =>
  execFileSync('sh', ['-c', curl], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

/** `sh` knows no `{start,finish}`, and needs not: curl itself does. */
const pasteAll = ({ curls }: Started): unknown[] => curls.flatMap(paste);

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'shiplog-start-'));
  chmodSync(dataDir, 0o755);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  kafkaPort = (server.address() as AddressInfo).port;
  server.close();
});

afterAll(() => {
  for (const pid of [...groups].filter(isAlive)) process.kill(-pid, 'SIGKILL');
  for (const pid of pidsOf().filter(isAlive)) process.kill(pid, 'SIGKILL');
  if (existsSync(join(dataDir, 'postgres'))) rmSync(realpathSync(join(dataDir, 'postgres')), { recursive: true });
  rmSync(dataDir, { recursive: true });
});

describe('npm start', () => {
  let current: unknown;

  it(
    'does the main job with the three commands it prints, pasted twice',
    async () => {
      const started = await start();
      expect(started.curls).toHaveLength(3);
      expect(pasteAll(started)).toMatchObject([
        { outcome: 'accepted', target: { project: 'demo', key: 'production' } },
        { outcome: 'accepted', deployment: { number: 1, status: 'deploying', version: '1.0.0' } },
        { outcome: 'accepted', deployment: { number: 1, status: 'current' } },
        { number: 1, status: 'current', version: '1.0.0' },
      ]);
      const again = pasteAll(started);
      expect(again).toMatchObject([
        { position: 1 },
        {},
        { deployment: { number: 2 } },
        { number: 2, status: 'current' },
      ]);
      current = again.at(-1);
      expect(started.pids.filter(isAlive)).toEqual(started.pids);
      expect([await end(started, 'SIGINT'), ...started.pids.map(isAlive)]).toEqual([
        0,
        ...started.pids.map(() => false),
      ]);
    },
    WITHIN,
  );

  it(
    'goes on where it was, and takes over what a killed service left running',
    async () => {
      const killed = await start();
      expect(paste(killed.curls[2])).toEqual([current]);
      await end(killed, 'SIGKILL');
      const [, ...servers] = killed.pids;
      expect(servers.filter(isAlive)).toEqual(servers);

      const heir = await start();
      expect(heir.pids.slice(1)).toEqual(servers);
      expect(paste(heir.curls[2])).toEqual([current]);
      expect([await end(heir, 'SIGTERM'), ...heir.pids.map(isAlive)]).toEqual([0, ...heir.pids.map(() => false)]);
    },
    WITHIN,
  );

  it(
    'starts again what it brought when that dies, and says so',
    async () => {
      const started = await start();
      const [, ...servers] = started.pids;
      for (const pid of servers) process.kill(pid, 'SIGKILL');
      const isBack = (): boolean =>
        pidsOf()
          .slice(1)
          .every((pid) => !servers.includes(pid) && isAlive(pid));
      await until(isBack, undefined, WITHIN / 2);
      await until(() => isDeepStrictEqual(paste(started.curls[2]), [current]), undefined, WITHIN / 2);
      expect(started.log().match(/[A-Za-z]+ has ended by itself, and is started again/g)).toHaveLength(servers.length);
      const pids = pidsOf();
      expect([await end(started, 'SIGINT'), ...pids.map(isAlive)]).toEqual([0, ...pids.map(() => false)]);
    },
    WITHIN,
  );

  it.each([
    [{ PORT: 'http' }, 'PORT must be an integer from 0 to 65535, not "http".'],
    [{ SHIPLOG_ADMIN_TOKEN: 'short' }, 'SHIPLOG_ADMIN_TOKEN must be'],
  ])(
    'refuses %j with a sentence, and starts nothing',
    async (wrong, sentence) => {
      const child = npmStart(wrong);
      let log = '';
      child.stderr?.on('data', (chunk) => (log += String(chunk)));
      const [code] = (await once(child, 'close')) as [number];
      expect([code, log]).toEqual([1, expect.stringContaining(sentence)]);
      expect(pidsOf().filter(isAlive)).toEqual([]);
    },
    WITHIN,
  );
});
