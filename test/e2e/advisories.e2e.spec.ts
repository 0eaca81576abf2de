import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const tool = fileURLToPath(new URL('../../tools/advisories.mjs', import.meta.url));

const advisory = (severity: string): object => ({
  pg: [
    {
      ...{ id: 1, url: 'https://advisories.example/1', title: 'made up', severity, vulnerable_versions: '*' },
      ...{ cwe: [], cvss: { score: 0, vectorString: null } },
    },
  ],
});

/** Runs the tool against a registry of our own, or against none. */
async function run(answer?: Readonly<{ status: number; body: object }>): Promise<{ code: unknown; told: string }> {
  const registry = createServer((request, response) => {
    request.resume().on('end', () => {
      const isAsked = request.url?.endsWith('/advisories/bulk');
      response.writeHead(isAsked ? answer!.status : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isAsked ? answer!.body : {}));
    });
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const cache = mkdtempSync(join(tmpdir(), 'shiplog-advisories-'));
  const { port } = registry.address() as AddressInfo;
  if (answer === undefined) await new Promise((resolve) => registry.close(resolve));
  try {
    const env = {
      ...process.env,
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_fetch_retries: '0',
      // What npm has heard of an advisory it keeps.
      npm_config_cache: cache,
    };
    const child = spawn(process.execPath, [tool], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    child.stdout.on('data', (chunk) => (told += String(chunk)));
    const [code] = (await once(child, 'close')) as unknown[];
    return { code, told };
  } finally {
    registry.close();
    rmSync(cache, { recursive: true });
  }
}

it.each<[string, Parameters<typeof run>[0], number, RegExp]>([
  ['a severe one', { status: 200, body: advisory('high') }, 1, /^FAILED pg: high/m],
  ['a moderate one', { status: 200, body: advisory('moderate') }, 0, /^No dependency/],
  ['none', { status: 200, body: {} }, 0, /^No dependency/],
  ['no such service', { status: 405, body: {} }, 0, /^Advisories were left out, .*405/],
  ['no network', undefined, 0, /^Advisories were left out/],
])('advisories of which the registry has %s end with the right code', async (_what, answer, code, told) => {
  const ended = await run(answer);
  expect(ended.told).toMatch(told);
  expect(ended.code).toBe(code);
});
