import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STARTS = 8;
const module = new URL('../../dist/tools/local/data-dir.js', import.meta.url).href;

/** Takes the directory when told to on stdin, says how it went, and stays until stdin ends. */
const script = `
  const { takeDataDir } = await import(${JSON.stringify(module)});
  process.stdout.write('ready ');
  process.stdin.once('data', () => {
    try { takeDataDir(process.argv[1]); process.stdout.write('taken'); }
    catch (error) { process.stdout.write(error.message); }
  });`;

let dataDir: string;
const children: ChildProcess[] = [];
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'shiplog-taking-'));
});
afterAll(async () => {
  const ends = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ends);
  rmSync(dataDir, { recursive: true });
});

/** What a start has said when it matches. */
const said = async (child: ChildProcess, pattern: RegExp): Promise<string> => {
  let text = '';
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (pattern.test(text)) return text;
  }
  throw new Error(`The start ended after ${JSON.stringify(text)}`);
};

it('gives the data directory that a killed service left to one of those who start at once', async () => {
  // No process has it: it is beyond the highest.
  writeFileSync(join(dataDir, 'service.pid'), '4194305\n');
  for (let n = 0; n < STARTS; n += 1)
    children.push(spawn(process.execPath, ['--input-type=module', '-e', script, dataDir, 'tools/start.mjs']));
  await Promise.all(children.map((child) => said(child, /ready /)));
  for (const child of children) child.stdin!.write('go');
  const answers = await Promise.all(children.map((child) => said(child, /taken|another one\./)));
  const winner = children[answers.indexOf('taken')]!.pid;
  expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
  expect(answers.filter((answer) => answer.includes(`(process ${winner})`))).toHaveLength(STARTS - 1);
  expect(Number(readFileSync(join(dataDir, 'service.pid'), 'utf8'))).toBe(winner);
}, 60_000);
