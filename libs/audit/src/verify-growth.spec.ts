import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lineAt, rewrittenLog, sealedLog, tilesOf, type SealedLog } from './testing/index.js';
import { consistencyProof } from './tree.js';
import { runVerifier, Unreadable, verifyGrowth, type Verdict } from './verify.js';

const COUNT = 40;
const SIZES = Array.from({ length: COUNT }, (_, n) => n + 1);
const events = SIZES.map((position) => lineAt(position));
const log = sealedLog(events, SIZES);
const rewritten = rewrittenLog(events, SIZES);

/** The answer of `GET /audit/consistency`. */
const proofOf = async (from: number, to: number, { lines }: SealedLog): Promise<string> => {
  const hashes = await consistencyProof(from, to, tilesOf(lines.slice(0, to)));
  return JSON.stringify({ from, to, hashes: hashes.map((hash) => hash.toString('base64')) });
};

const judge = (consistency: string, notes: readonly string[]): Verdict =>
  verifyGrowth({ consistency, checkpoints: notes.join('\n'), keys: log.vkey });
const noteOver = (size: number, { notes }: SealedLog = log): string => notes[size - 1]!;

describe('a log that has only grown', () => {
  it('is verified from each checkpoint to each later one', async () => {
    for (const from of SIZES)
      for (const to of SIZES.slice(from - 1)) {
        const verdict = judge(await proofOf(from, to, log), [noteOver(from), ...(to === from ? [] : [noteOver(to)])]);
        expect([from, to, verdict.verdict, verdict.anchored]).toEqual([from, to, 'verified', to]);
      }
  });
});

describe('a log that was rewritten and signed anew', () => {
  it('is not proven to have grown from a checkpoint of before, by whichever proof', async () => {
    for (const proof of [await proofOf(20, COUNT, log), await proofOf(20, COUNT, rewritten)]) {
      const verdict = judge(proof, [noteOver(20), noteOver(COUNT, rewritten)]);
      expect(verdict).toMatchObject({ verdict: 'unproven', position: 21, anchored: 20 });
      expect(verdict.message).toContain('history was rewritten');
    }
  });
});

describe('a proof of consistency', () => {
  it.each<[string, (hashes: string[]) => string[]]>([
    ['without its first hash', (hashes) => hashes.slice(1)],
    ['without its last hash', (hashes) => hashes.slice(0, -1)],
    ['with one more', (hashes) => [...hashes, hashes[0]!]],
    ['in another order', (hashes) => hashes.toReversed()],
    ['without any', () => []],
  ])('%s proves nothing', async (_what, changed) => {
    const proof = JSON.parse(await proofOf(21, COUNT, log));
    const given = JSON.stringify({ ...proof, hashes: changed(proof.hashes) });
    expect(judge(given, [noteOver(21), noteOver(COUNT)]).verdict).toBe('unproven');
  });

  it('of checkpoints that were not given proves nothing', async () => {
    const proof = await proofOf(20, COUNT, log);
    expect(judge(proof, [noteOver(COUNT)]).message).toBe('None of the checkpoints that were given is over 20 events.');
    expect(judge(proof, [noteOver(20)]).message).toBe('None of the checkpoints that were given is over 40 events.');
  });

  it.each(['<html>', '{}', '{"from":2,"to":1,"hashes":[]}', '{"from":1,"to":2,"hashes":[7]}', 'null'])(
    'that is none is refused: %s',
    (proof) => {
      expect(() => judge(proof, log.notes)).toThrow(Unreadable);
    },
  );
});

describe('the command line', () => {
  it('takes it in the place of an export', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shiplog-growth-'));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const proof = await file('consistency.json', await proofOf(20, COUNT, log));
    const held = await file('checkpoints.txt', [noteOver(COUNT), noteOver(20)].join('\n'));
    const other = await file('others.txt', [noteOver(COUNT, rewritten), noteOver(20)].join('\n'));
    const key = await file('key.pub', log.vkey);
    expect(await runVerifier(['--consistency', proof, held, key])).toBe(0);
    expect(await runVerifier(['--consistency', proof, other, key])).toBe(1);
    expect(await runVerifier(['--consistency', proof, held, held, key])).toBe(2);
    await rm(folder, { recursive: true });
  });
});
