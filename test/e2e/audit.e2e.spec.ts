import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrations } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Replica, startReplica, stopReplica } from '../support/replica.js';

const TOKEN = 'audit-token-0123456789';
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const cli = [join(dist, 'apps/cli/src/main.js'), 'audit', 'verify'];

let database: TestDatabase;
let service: Replica;
let folder: string;
let verifier: string;
type Ended = Readonly<{ code: number; out: string; err: string }>;

const run = (args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...args], { cwd: folder }, (error, out, err) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, out, err }),
    );
  });
const download = async (path: string, accept: string, file: string): Promise<string> => {
  const response = await fetch(`${service.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${TOKEN}`, accept },
  });
  const text = await response.text();
  await writeFile(join(folder, file), text);
  return text;
};
const post = (path: string, body: object): Promise<Response> =>
  fetch(`${service.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shiplog-audit-'));
  verifier = join(folder, 'shiplog-verify.mjs');
  // Alone, where no package is: an auditor has nothing else of ours.
  await copyFile(join(dist, 'libs/audit/src/verify.js'), verifier);
  database = await createTestDatabase({ migrations });
  service = await startReplica({ DATABASE_URL: database.url, KAFKA_BROKERS: 'none', SHIPLOG_ADMIN_TOKEN: TOKEN });
  await post('/projects/demo/targets', { key: 'production' });
  for (let version = 1; version <= 5; version += 1)
    await post('/projects/demo/targets/production/finish', {
      version: `1.${version}.0`,
      description: 'é – \u{1f680} "…"',
    });
  // The first event was signed for at once, the others are within ten seconds.
  for (const late = performance.now() + 30_000; ;) {
    const [, size] = (await download('/audit/checkpoints', 'text/plain', 'checkpoints.txt')).split('\n');
    if (Number(size) >= 10) break;
    if (performance.now() > late) throw new Error(`Sealed up to ${size}: ${service.log.slice(-5).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await download('/events?hashes=true', 'application/x-ndjson', 'export.ndjson');
  await download('/audit/key', 'text/plain', 'key.pub');
}, 90_000);
afterAll(async () => {
  if (service) await stopReplica(service, 'SIGTERM');
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const files = ['export.ndjson', 'checkpoints.txt', 'key.pub'];
const changed = async (change: (text: string) => string): Promise<string[]> => {
  await writeFile(join(folder, 'other.ndjson'), change(await readFile(join(folder, 'export.ndjson'), 'utf8')));
  return ['other.ndjson', ...files.slice(1)];
};

describe('what an auditor does', () => {
  it('verifies what was downloaded, with one file and with the CLI', async () => {
    for (const command of [[verifier], cli]) {
      const { code, out } = await run([...command, ...files]);
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/^verified: Events 1 to \d+ are those of the checkpoint of /),
      ]);
    }
  });

  it('verifies a part by a proof in the newest checkpoint that he holds', async () => {
    const [, size] = (await readFile(join(folder, 'checkpoints.txt'), 'utf8')).split('\n');
    await download('/events?hashes=true&after=4&limit=4', 'application/x-ndjson', 'part.ndjson');
    await download(`/audit/proof/8?size=${size}`, 'application/json', 'proof.json');
    for (const command of [[verifier], cli]) {
      const { code, out } = await run([...command, 'part.ndjson', ...files.slice(1), '--proof', 'proof.json']);
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/^verified: Events 5 to 8 are those that were signed for/),
      ]);
    }
  });

  it('is told where the first difference is, and of which kind', async () => {
    const given = await changed((text) => text.replace('1.3.0', '1.3.1'));
    const { code, out } = await run([verifier, ...given]);
    expect([code, out]).toEqual([1, expect.stringMatching(/^changed: Event \d+ does not give its hash/)]);
    const { out: json } = await run([verifier, ...given, '--json']);
    expect(JSON.parse(json)).toMatchObject({ verdict: 'differs', kind: 'changed', first: 1 });
  });

  it('is told what the files lack', async () => {
    const half = await run([verifier, ...(await changed((text) => text.split('\n').slice(0, 4).join('\n')))]);
    expect([half.code, half.out]).toEqual([1, expect.stringMatching(/^cut: The export ends at 4, /)]);
    const plain = await run([verifier, ...(await changed(() => '{"position":1,"version":1}\n'))]);
    expect([plain.code, plain.out]).toEqual([1, expect.stringMatching(/hashes=true/)]);
  });

  it('is told how to call it', async () => {
    expect(await run([verifier])).toMatchObject({ code: 2, err: expect.stringMatching(/^usage: shiplog-verify/) });
    expect(await run([cli[0]!])).toMatchObject({ code: 2, err: expect.stringMatching(/shiplog audit verify EXPORT/) });
    const missing = await run([verifier, 'nothing.ndjson', ...files.slice(1)]);
    expect(missing).toMatchObject({ code: 2, err: expect.stringMatching(/ENOENT/) });
    expect(await run([verifier, ...files, '--perhaps'])).toMatchObject({ code: 2 });
  });
});
