import { describe, expect, it } from '@jest/globals';
import { readSigner } from './note.js';
import {
  judged,
  lineAt,
  pemOf,
  proofOf,
  rewrittenLog,
  sealedLog,
  type Given,
  type SealedLine,
} from './testing/index.js';
import { Unreadable, verifyExport, type Verdict } from './verify.js';

const COUNT = 40;
const events = Array.from({ length: COUNT }, (_, i) => lineAt(i + 1));
const log = sealedLog(events, [10, 25, COUNT]);
const newest = log.notes.at(-1)!;

const judge = (given: Given): Promise<Verdict> => judged(log, given);

/** The lines with some of them replaced, by position. */
const withLines = (changed: Readonly<Record<number, SealedLine>>): SealedLine[] =>
  log.lines.map((line) => changed[line.position] ?? line);
const at = (position: number): SealedLine => log.lines[position - 1]!;
/** What the event says, in another place of the log: as a row that was moved there has the hash of that place. */
const moved = (from: number, to: number): SealedLine => ({ ...at(from), position: to, hash: at(to).hash });

describe('an export that is whole', () => {
  it.each([1, 17, 1_000, 1_000_000])('is verified, in pieces of %d bytes', async (piece) => {
    expect(await judge({ piece })).toMatchObject({ verdict: 'verified', first: 1, last: COUNT, anchored: COUNT });
  });

  it('is verified as any other program spells the same JSON', async () => {
    const turned = log.lines.map((line) => Object.fromEntries(Object.entries(line).toReversed()) as SealedLine);
    expect(await judge({ lines: turned })).toMatchObject({ verdict: 'verified' });
  });

  it('is verified up to an older checkpoint, and says that nothing vouches for the rest', async () => {
    const verdict = await judge({ notes: [log.notes[1]!] });
    expect(verdict).toMatchObject({ verdict: 'verified', anchored: 25, last: COUNT });
    expect(verdict.message).toContain(
      'Events 26 to 40 follow it, and no checkpoint that was given vouches for them yet.',
    );
  });

  it('is verified by checkpoints in any order, and by several keys', async () => {
    const other = readSigner(pemOf('08'.repeat(32)), 'urn:shiplog:test');
    const later = sealedLog(events, [30], other);
    const notes = [...later.notes, ...log.notes.toReversed()];
    expect(await judge({ notes, vkey: `${other.vkey}\n${log.vkey}\n` })).toMatchObject({ verdict: 'verified' });
  });
});

describe('an export that was tampered with', () => {
  it.each<[string, keyof SealedLine, string | number]>([
    ['data', 'data', '{"number":17,"version":"1.4.18"}'],
    ['metadata', 'metadata', '{"actor":{"id":"me","kind":"service"}}'],
    ['stream', 'stream', 'target:web-shop/another'],
    ['version', 'version', 99],
    ['id', 'eventId', '0199f6a4-71b8-7c06-8a3f-ffffffffffff'],
    ['type', 'type', 'DeploymentFinished'],
    ['time', 'occurredAt', '2026-11-20T10:00:00.000001Z'],
    ['recorded time', 'recordedAt', '2026-11-20T10:00:00.000001Z'],
    ['command', 'commandId', 'another'],
    ['hash', 'hash', at(3).hash],
  ])('by another %s is found out at its event', async (_what, member, value) => {
    const verdict = await judge({ lines: withLines({ 17: { ...at(17), [member]: value } }) });
    expect(verdict).toMatchObject({ verdict: 'differs', kind: 'changed', position: 17 });
  });

  it('by bytes that moved from one field to the next is found out', async () => {
    const { data, metadata } = at(17);
    const line = { ...at(17), data: data.slice(0, -1), metadata: data.slice(-1) + metadata };
    expect(await judge({ lines: withLines({ 17: line }) })).toMatchObject({ kind: 'changed', position: 17 });
  });

  it.each<[string, () => readonly SealedLine[], object]>([
    ['an event removed', () => log.lines.toSpliced(16, 1), { kind: 'removed', position: 17 }],
    ['several removed', () => log.lines.toSpliced(16, 3), { kind: 'removed', position: 17 }],
    ['the tail cut', () => log.lines.slice(0, 37), { kind: 'cut', position: 38, anchored: 25 }],
    ['the line of one twice', () => log.lines.toSpliced(17, 0, at(17)), { kind: 'repeated', position: 17 }],
    ['the lines of two swapped', () => withLines({ 17: at(29), 29: at(17) }), { kind: 'swapped', position: 17 }],
    ['two swapped', () => withLines({ 17: moved(29, 17), 29: moved(17, 29) }), { kind: 'swapped', position: 17 }],
    [
      'two neighbours swapped',
      () => withLines({ 17: moved(18, 17), 18: moved(17, 18) }),
      { kind: 'swapped', position: 17 },
    ],
    [
      'one inserted, and those behind it moved on',
      () => [
        ...log.lines.slice(0, 16),
        { ...lineAt(17, { data: '{}' }), hash: at(17).hash },
        ...Array.from({ length: COUNT - 17 }, (_, i) => moved(i + 17, i + 18)),
      ],
      { kind: 'inserted', position: 17 },
    ],
    [
      'one removed, and those behind it moved up',
      () => [...log.lines.slice(0, 16), ...Array.from({ length: COUNT - 17 }, (_, i) => moved(i + 18, i + 17))],
      { kind: 'removed', position: 17 },
    ],
  ])('by %s is found out where', async (_what, lines, expected) => {
    expect(await judge({ lines: lines() })).toMatchObject({ verdict: 'differs', ...expected });
  });

  it('by fresh hashes from some event on is found out by checkpoints that were kept', async () => {
    const rewritten = rewrittenLog(events, [COUNT]);
    const verdict = await judge({ lines: rewritten.lines });
    expect(verdict).toMatchObject({ verdict: 'differs', kind: 'rewritten', position: 11, anchored: 10 });
    expect(verdict.message).toContain(
      'Events 11 to 25 chain, but are not those of the signed checkpoint over 25 events',
    );
    // Without them it is a log like any other.
    expect(await judge({ lines: rewritten.lines, notes: rewritten.notes })).toMatchObject({ verdict: 'verified' });
  });

  it('by a line that is none is found out, as a download that was cut is', async () => {
    const bytes = log.lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const verdict = await verifyExport({
      events: (async function* () {
        yield Buffer.from(bytes.slice(0, -100));
      })(),
      checkpoints: newest,
      keys: log.vkey,
    });
    expect(verdict).toMatchObject({ verdict: 'differs', kind: 'malformed', position: COUNT });
  });

  it.each(['null', '7', '[]', '{}'])('by a line of JSON that is no event is found out: %s', async (line) => {
    const verdict = await verifyExport({
      events: (async function* () {
        yield Buffer.from(`${line}\n`);
      })(),
      checkpoints: newest,
      keys: log.vkey,
    });
    expect(verdict).toMatchObject({ verdict: 'differs', kind: 'malformed', position: 1 });
  });

  it.each([
    ['a digit that is none', (id: string) => `${id}x`],
    ['dashes elsewhere', (id: string) => id.replaceAll('-', '')],
    ['a digit more', (id: string) => `${id}0`],
  ])('by an id with %s, which would hash as before, is found out', async (_, spelled) => {
    const lines = log.lines.map((line, n) => (n === 6 ? { ...line, eventId: spelled(line.eventId) } : line));
    expect(await judge({ lines })).toMatchObject({ verdict: 'differs', kind: 'malformed', position: 7 });
  });

  it('by two checkpoints over one size is found out before an event is read', async () => {
    const other = sealedLog(
      events.map((event) => ({ ...event, type: 'Other' })),
      [25],
    );
    expect(await judge({ notes: [...log.notes, ...other.notes] })).toMatchObject({ kind: 'rewritten', position: 25 });
  });
});

describe('checkpoints', () => {
  it('are read with the ends of lines that a mail gave them', async () => {
    const notes = log.notes.map((note) => note.replaceAll('\n', '\r\n'));
    expect(await judge({ notes })).toMatchObject({ verdict: 'verified', anchored: COUNT });
  });
});

describe('evidence that cannot be relied on', () => {
  const other = readSigner(pemOf('09'.repeat(32)), 'urn:shiplog:test');
  const strange = readSigner(pemOf('07'.repeat(32)), 'urn:shiplog:strange');

  it.each<[string, () => Given | Promise<Given>, RegExp]>([
    ['a key that did not sign', () => ({ vkey: other.vkey }), /over 10 events is not signed by a key that was given/],
    ['the key of another log', () => ({ vkey: strange.vkey }), /is not signed by a key that was given/],
    ['a checkpoint with another size', () => ({ notes: [newest.replace('\n40\n', '\n41\n')] }), /not signed/],
    [
      'checkpoints of two logs',
      () => ({ notes: [newest, ...sealedLog(events, [5], strange).notes], vkey: `${log.vkey}\n${strange.vkey}` }),
      /more than one log/,
    ],
    [
      'a checkpoint whose signature a mail took for a list, beside one that is whole',
      () => ({ notes: [`${newest.replace('— ', '- ')}\n`, log.notes[0]!] }),
      /what is no signed note/,
    ],
    ['no checkpoint', () => ({ notes: [] }), /has none/],
    ['a key that is none', () => ({ vkey: 'shiplog' }), /No Ed25519 verifier key: shiplog/],
    ['a key under another name', () => ({ vkey: log.vkey.replace('test', 'rest') }), /No Ed25519 verifier key/],
    [
      'a proof of another event',
      async () => ({ proof: (await proofOf(30, log)).replace('"position":30', '"position":29') }),
      /The proof of event 29 does not lead to the root/,
    ],
    [
      'a proof of another log',
      async () => {
        const proof = await proofOf(30, sealedLog(events, [COUNT], strange));
        return { proof, vkey: `${log.vkey}\n${strange.vkey}` };
      },
      /The proof is of another log than the checkpoints/,
    ],
    ['a proof that is no JSON', () => ({ proof: '<html>' }), /The proof is no answer of GET/],
    [
      'a proof that is another answer',
      () => ({ proof: '{"code":"event_not_found"}' }),
      /The proof is no answer of GET/,
    ],
  ])('%s is refused', async (_what, given, message) => {
    const refused = judge(await given());
    await expect(refused).rejects.toThrow(Unreadable);
    await expect(refused).rejects.toThrow(message);
  });
});
