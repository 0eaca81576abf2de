import { describe, expect, it } from '@jest/globals';
import { judged, lineAt, proofOf, rewrittenLog, sealedLog, type Given } from './testing/index.js';
import type { Verdict } from './verify.js';

const COUNT = 40;
const events = Array.from({ length: COUNT }, (_, i) => lineAt(i + 1));
const log = sealedLog(events, [10, 25, COUNT]);
const judge = (given: Given): Promise<Verdict> => judged(log, given);

describe('an export that is a part', () => {
  const part = log.lines.slice(20, 30);

  it('that begins behind the first event is not taken for proven', async () => {
    const verdict = await judge({ lines: part });
    expect(verdict).toMatchObject({ verdict: 'unproven', first: 21, last: 30, anchored: 0 });
    expect(verdict.message).toContain('nothing ties them to a checkpoint');
  });

  it('is verified by the proof of its last event', async () => {
    const verdict = await judge({ lines: part, proof: await proofOf(30, log) });
    expect(verdict).toMatchObject({ verdict: 'verified', first: 21, last: 30, anchored: 30 });
  });

  it('is verified up to the event that the proof is of', async () => {
    const verdict = await judge({ lines: part, proof: await proofOf(27, log) });
    expect(verdict).toMatchObject({ verdict: 'verified', anchored: 27, last: 30 });
  });

  it('that ends before the event of the proof is cut', async () => {
    const verdict = await judge({ lines: part, proof: await proofOf(32, log) });
    expect(verdict).toMatchObject({ verdict: 'differs', kind: 'cut', position: 31, last: 30 });
    expect(verdict.message).toContain('31 to 32 are missing');
  });

  it('is not proven by the proof of an event before it', async () => {
    expect(await judge({ lines: part, proof: await proofOf(20, log) })).toMatchObject({
      verdict: 'unproven',
      anchored: 0,
    });
  });

  it('of one event is as its proof has it, byte for byte', async () => {
    const [line] = log.lines.slice(20, 21);
    const proof = await proofOf(21, log);
    expect(await judge({ lines: [line!], proof })).toMatchObject({ verdict: 'verified', anchored: 21 });
    const changed = { ...line!, data: '{"evil":true}' };
    expect(await judge({ lines: [changed], proof })).toMatchObject({ verdict: 'differs', position: 21 });
    const without = JSON.stringify({ ...JSON.parse(proof), previousHash: null });
    await expect(judge({ lines: [line!], proof: without })).rejects.toThrow('no answer of GET /audit/proof');
  });

  it('that was rewritten does not meet the proof', async () => {
    const rewritten = sealedLog(
      events.map((event) => ({ ...event, type: 'Other' })),
      [],
    ).lines.slice(20, 30);
    expect(await judge({ lines: rewritten, proof: await proofOf(30, log) })).toMatchObject({
      kind: 'rewritten',
      position: 30,
    });
  });

  it('that was rewritten and signed anew is found out by the checkpoint that was kept', async () => {
    const forged = rewrittenLog(events, [COUNT]);
    const given = { lines: forged.lines.slice(20, 30), proof: await proofOf(30, forged) };
    expect(await judge(given)).toMatchObject({ verdict: 'differs', kind: 'rewritten', position: COUNT, anchored: 0 });
    // With its own checkpoint alone it is a log like any other.
    expect(await judge({ ...given, notes: forged.notes })).toMatchObject({ verdict: 'verified', anchored: 30 });
  });

  it('is not proven by a checkpoint that nobody kept, and it is said which proof it takes', async () => {
    const forged = rewrittenLog(events, [38]);
    const given = { lines: forged.lines.slice(20, 30), proof: await proofOf(30, forged) };
    const verdict = await judge(given);
    expect(verdict).toMatchObject({ verdict: 'unproven', position: 21, anchored: 0 });
    expect(verdict.message).toContain('GET /audit/proof/30?size=40');
    const early = await judge({ ...given, notes: log.notes.slice(0, 2) });
    expect(early.verdict).toBe('unproven');
    expect(early.message).toContain('No checkpoint that was given reaches event 30');
  });

  it('that was changed is found out where, whatever its proof is worth', async () => {
    const lines = part.map((line) => (line.position === 25 ? { ...line, data: '{}' } : line));
    const given = { lines, proof: await proofOf(30, sealedLog(events, [38])) };
    expect(await judge(given)).toMatchObject({ verdict: 'differs', kind: 'changed', position: 25 });
  });

  it('that is empty proves nothing', async () => {
    expect(await judge({ lines: [] })).toMatchObject({ verdict: 'unproven', message: 'The export is empty.' });
  });
});

describe('an export from the first event with a proof', () => {
  it.each([37, 38, 39])(
    'is cut at %d as it is without one, whether it reaches the event 38 of the proof or not',
    async (last) => {
      const verdict = await judge({ lines: log.lines.slice(0, last), proof: await proofOf(38, log) });
      expect(verdict).toMatchObject({ verdict: 'differs', kind: 'cut', position: last + 1, anchored: 25 });
    },
  );

  it('is verified up to the newest checkpoint', async () => {
    expect(await judge({ proof: await proofOf(30, log) })).toMatchObject({ verdict: 'verified', anchored: COUNT });
  });

  it('that does not meet the proof is another history', async () => {
    const given = { proof: await proofOf(30, rewrittenLog(events, [38])) };
    expect(await judge(given)).toMatchObject({ verdict: 'differs', kind: 'rewritten', position: 30 });
  });
});
