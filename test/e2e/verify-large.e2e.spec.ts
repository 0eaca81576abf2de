import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Verdict } from '#audit';
import { judged, lineAt, proofOf, sealedLog, type Given, type SealedLine } from '#audit/testing';

const verifier = fileURLToPath(new URL('../../dist/libs/audit/src/verify.js', import.meta.url));

// 6.5 MB: what lies behind the first four is examined in threads.
const COUNT = 12_500;
const sealed = (change: (line: ReturnType<typeof lineAt>) => ReturnType<typeof lineAt>) =>
  sealedLog(
    Array.from({ length: COUNT }, (_, i) => change(lineAt(i + 1))),
    [2_500, 11_750, COUNT],
  );
const log = sealed((line) => line);
const at = (position: number): SealedLine => log.lines[position - 1]!;
const moved = (from: number, to: number): SealedLine => ({ ...at(from), position: to, hash: at(to).hash });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shiplog-verify-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const byTheProgram = async ({ proof, ...given }: Given): Promise<Verdict> => {
  const { lines, notes, vkey } = { ...log, ...given };
  const files = {
    'export.ndjson': lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    'checkpoints.txt': notes.join('\n'),
    'key.pub': vkey,
    'proof.json': proof ?? '',
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  const args = [...Object.keys(files).slice(0, 3), '--json', ...(proof === undefined ? [] : ['--proof', 'proof.json'])];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [verifier, ...args], { cwd: folder }, (_error, out, err) =>
      err ? reject(new Error(err)) : resolve(JSON.parse(out) as Verdict),
    );
  });
};

it.each<[string, () => Given | Promise<Given>, Partial<Verdict>]>([
  ['as it is', () => ({}), { verdict: 'verified', first: 1, last: COUNT, anchored: COUNT }],
  [
    'that begins later',
    async () => ({ lines: log.lines.slice(1_500), proof: await proofOf(12_000, log) }),
    { verdict: 'verified', first: 1_501, last: COUNT, anchored: 12_000 },
  ],
  [
    'with another byte',
    () => ({ lines: log.lines.with(11_110, { ...at(11_111), data: '{}' }) }),
    { kind: 'changed', position: 11_111, anchored: 2_500 },
  ],
  ['without an event', () => ({ lines: log.lines.toSpliced(11_110, 1) }), { kind: 'removed', position: 11_111 }],
  ['without its tail', () => ({ lines: log.lines.slice(0, 12_000) }), { kind: 'cut', position: 12_001 }],
  [
    'with two swapped',
    () => ({ lines: log.lines.with(9_999, moved(12_000, 10_000)).with(11_999, moved(10_000, 12_000)) }),
    { kind: 'swapped', position: 10_000 },
  ],
  [
    'with one more, and all behind it moved on',
    () => ({
      lines: [
        ...log.lines.slice(0, 10_999),
        { ...lineAt(11_000, { data: '{}' }), hash: at(11_000).hash },
        ...Array.from({ length: COUNT - 11_000 }, (_, i) => moved(i + 11_000, i + 11_001)),
      ],
    }),
    { kind: 'inserted', position: 11_000 },
  ],
  [
    'without one, and all behind it moved up',
    () => ({
      lines: [
        ...log.lines.slice(0, 10_999),
        ...Array.from({ length: COUNT - 11_000 }, (_, i) => moved(i + 11_001, i + 11_000)),
      ],
    }),
    { kind: 'removed', position: 11_000 },
  ],
  [
    'rewritten by whoever has the key',
    () => ({ lines: sealed((line) => (line.position === 11_000 ? { ...line, data: '{}' } : line)).lines }),
    { kind: 'rewritten', position: 2_501, anchored: 2_500 },
  ],
  [
    'with a line that is none',
    () => ({ lines: log.lines.with(11_110, 'x' as unknown as SealedLine) }),
    { kind: 'malformed', position: 11_111 },
  ],
])('a large export %s gets from threads the verdict that one thread gives', async (_what, change, expected) => {
  const given = await change();
  const verdict = await byTheProgram(given);
  expect(verdict).toMatchObject(expected);
  expect(verdict).toEqual(await judged(log, { piece: 2 ** 18, ...given }));
});
