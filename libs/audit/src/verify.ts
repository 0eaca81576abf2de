#!/usr/bin/env node
/**
 * Verifies an export of a Shiplog log against signed checkpoints, offline. This one file is all of it: it needs Node 20.12
 * or newer and nothing else, and shares no code with what made the hashes. docs/audit.md says what it proves.
 */
import { createPublicKey, hash, verify as isSignedBy, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** A line of an export with hashes: `data` and `metadata` are the stored texts. */
type Line = Readonly<
  { position: number; version: number } & Record<
    'stream' | 'eventId' | 'type' | 'data' | 'metadata' | 'occurredAt' | 'recordedAt' | 'commandId' | 'hash',
    string
  >
>;
/** 32 bytes, each a letter of Latin-1: V8 makes, compares and keeps it in a fraction of the time of a Buffer. */
type Hash = string;
type Checkpoint = Readonly<{ origin: string; size: number; root: Hash; time: string }>;
/** What a proof says: the event at that position has that leaf in the tree of that checkpoint. */
type Anchor = Readonly<{ position: number; previous: Hash | undefined; leaf: Hash; checkpoint: Checkpoint }>;

/** `differs` names the first difference; `unproven`: nothing was found wrong, but not all that the checkpoints say was there. */
export type Verdict = Readonly<{
  verdict: 'verified' | 'differs' | 'unproven';
  kind?: Kind;
  position?: number;
  message: string;
  /** Of the events that were read. */
  first: number;
  last: number;
  /** Up to there a signed checkpoint vouches for them. */
  anchored: number;
}>;
type Kind = 'changed' | 'removed' | 'inserted' | 'swapped' | 'repeated' | 'cut' | 'rewritten' | 'malformed';

/** The files cannot be judged at all. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const base64 = (text: string): Buffer => Buffer.from(text, 'base64');
const HASH_BYTES = 32;
/** One longer than a hash: what is cut off at its end is none. */
const decoded = Buffer.alloc(HASH_BYTES + 1);
const hashIn = (text: string): Hash => decoded.toString('binary', 0, decoded.write(text, 'base64'));

const scratch = { bytes: Buffer.alloc(65_536), at: 0 };
const makeRoomFor = (bytes: number): void => {
  const { length } = scratch.bytes;
  if (scratch.at + bytes > length) scratch.bytes = Buffer.concat([scratch.bytes, Buffer.alloc(length + bytes)]);
};
const put = (text: string, encoding: BufferEncoding): void => {
  makeRoomFor(4 + 3 * text.length);
  const length = scratch.bytes.write(text, scratch.at + 4, encoding);
  scratch.bytes.writeUInt32BE(length, scratch.at);
  scratch.at += 4 + length;
};
const putNumber = (value: number): void => {
  makeRoomFor(12);
  scratch.bytes.writeUInt32BE(8, scratch.at);
  scratch.bytes.writeUInt32BE(Math.floor(value / 2 ** 32), scratch.at + 4);
  scratch.bytes.writeUInt32BE(value % 2 ** 32, scratch.at + 8);
  scratch.at += 12;
};

const leafHash = (previous: Hash, line: Line, position = line.position): Hash => {
  scratch.bytes[0] = 0;
  scratch.at = 1;
  put(previous, 'binary');
  putNumber(position);
  put(line.stream, 'utf8');
  putNumber(line.version);
  put(line.eventId.replaceAll('-', ''), 'hex');
  for (const text of [line.type, line.data, line.metadata, line.occurredAt, line.recordedAt, line.commandId])
    put(text, 'utf8');
  return hash('sha256', scratch.bytes.subarray(0, scratch.at), 'binary');
};

const pair = Buffer.alloc(1 + 2 * decoded.length, 1);
const node = (left: Hash, right: Hash): Hash =>
  hash('sha256', pair.subarray(0, 1 + pair.write(left + right, 1, 'binary')), 'binary');

/** The Merkle tree (RFC 6962) over all leaves so far: of each power of two in their number the root of so many. */
class Tree {
  private readonly subtrees: Array<Hash | undefined> = [];

  add(leaf: Hash): void {
    let [height, added] = [0, leaf];
    for (let left = this.subtrees[0]; left !== undefined; left = this.subtrees[height]) {
      this.subtrees[height++] = undefined;
      added = node(left, added);
    }
    this.subtrees[height] = added;
  }

  root(): Hash {
    const [lowest, ...higher] = this.subtrees.filter((each) => each !== undefined);
    return higher.reduce((right, left) => node(left, right), lowest!);
  }
}

/** Climbs from a node to the root by the hashes of a proof, each of which stands left or right of the way; false where they are not as many as it takes. */
const climb = (
  from: Readonly<{ index: number; last: number }>,
  hashes: readonly Hash[],
  on: Readonly<{ left: (each: Hash) => void; right: (each: Hash) => void }>,
): boolean => {
  let { index, last } = from;
  const half = (): void => void ([index, last] = [Math.floor(index / 2), Math.floor(last / 2)]);
  for (const each of hashes) {
    if (last === 0) return false;
    if (index % 2 === 1 || index === last) {
      on.left(each);
      while (index % 2 === 0 && index !== 0) half();
    } else on.right(each);
    half();
  }
  return last === 0;
};

/** The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); nothing where it is none for a tree of that size. */
const rootOfProof = (leaf: Hash, position: number, size: number, hashes: readonly Hash[]): Hash | undefined => {
  let root = leaf;
  const isWhole = climb({ index: position - 1, last: size - 1 }, hashes, {
    left: (each) => (root = node(each, root)),
    right: (each) => (root = node(root, each)),
  });
  return isWhole ? root : undefined;
};

const isPowerOfTwo = (size: number): boolean => size === 1 || (size % 2 === 0 && isPowerOfTwo(size / 2));

type Growth = Readonly<{ from: number; to: number; hashes: readonly Hash[] }>;

/** Whether a consistency proof (RFC 9162, 2.1.4.2) leads from the root of a tree to that of one that grew from it. */
const hasGrown = ({ from, to, hashes }: Growth, older: Hash, newer: Hash): boolean => {
  if (from === to) return hashes.length === 0 && older === newer;
  const [first, ...path] = isPowerOfTwo(from) ? [older, ...hashes] : hashes;
  if (first === undefined) return false;
  let [index, last, inOlder, inNewer] = [from - 1, to - 1, first, first];
  while (index % 2 === 1) [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
  const isWhole = climb({ index, last }, path, {
    left: (each) => ([inOlder, inNewer] = [node(each, inOlder), node(each, inNewer)]),
    right: (each) => (inNewer = node(inNewer, each)),
  });
  return isWhole && inOlder === older && inNewer === newer;
};

type Key = Readonly<{ name: string; id: Buffer; key: KeyObject }>;

/** Verifier keys (C2SP signed note), one a line. */
const keysIn = (text: string): Key[] =>
  text.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    const [, name = '', id = '', typed = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line.trim()) ?? [];
    const bytes = base64(typed);
    const made = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), bytes]), 'hex').slice(0, 8);
    if (bytes.length !== 33 || bytes[0] !== 1 || made !== id) throw new Unreadable(`No Ed25519 verifier key: ${line}`);
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.subarray(1).toString('base64url') };
    return [{ name, id: Buffer.from(id, 'hex'), key: createPublicKey({ key: jwk, format: 'jwk' }) }];
  });

const isSigned = (text: string, signatures: string, { name, id, key }: Key): boolean =>
  signatures.split('\n').some((line) => {
    const [, by, signature = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = base64(signature);
    return (
      by === name && bytes.subarray(0, 4).equals(id) && isSignedBy(null, Buffer.from(text), key, bytes.subarray(4))
    );
  });

/** A signed note (C2SP): lines, an empty one, signatures. */
const NOTE = /((?:[^\n]+\n)+)\n((?:— [^\n]+\n?)+)/gu;

/** Checkpoints in the order of their sizes, each signed by one of the keys of its log. Throws Unreadable where one is not. */
const checkpointsIn = (text: string, keys: readonly Key[]): Checkpoint[] => {
  // A mail or an editor may have changed the ends of lines; signed notes have but one.
  const plain = text.replaceAll('\r\n', '\n');
  const notes = [...plain.matchAll(NOTE)];
  if (notes.length === 0) throw new Unreadable('The file of checkpoints has none.');
  // One that is passed over might be the very one that shows a cut.
  const rest = plain.replaceAll(NOTE, '').trim();
  if (rest !== '')
    throw new Unreadable(`The file of checkpoints has what is no signed note: ${JSON.stringify(rest.slice(0, 200))}`);
  const checkpoints = notes.map(([, body = '', signatures = '']) => {
    const [origin = '', size = '', root = '', ...more] = body.split('\n');
    if (!/^[1-9]\d{0,15}$/.test(size) || hashIn(root).length !== HASH_BYTES)
      throw new Unreadable(`No checkpoint: ${JSON.stringify(body)}`);
    if (!keys.some((key) => key.name === origin && isSigned(body, signatures, key)))
      throw new Unreadable(`The checkpoint of ${origin} over ${size} events is not signed by a key that was given.`);
    const time = more.find((line) => line.startsWith('time '))?.slice('time '.length) ?? 'unknown';
    return { origin, size: Number(size), root: hashIn(root), time };
  });
  if (new Set(checkpoints.map(({ origin }) => origin)).size > 1)
    throw new Unreadable('The checkpoints are of more than one log.');
  return checkpoints.toSorted((one, other) => one.size - other.size);
};

const texts = [
  'stream',
  'eventId',
  'type',
  'data',
  'metadata',
  'occurredAt',
  'recordedAt',
  'commandId',
  'hash',
] as const;
/** In one spelling: of another, what is hashed could be the same. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const readLine = (text: string): Line | string => {
  let line: Record<string, unknown> | null;
  try {
    line = JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    return 'it is no JSON';
  }
  if (!line || !isCount(line['position']) || !isCount(line['version'])) return 'it is no event';
  const missing = texts.find((name) => typeof line[name] !== 'string');
  if (missing) return `it has no text \`${missing}\`: is it of an export with hashes=true?`;
  return UUID.test(line['eventId'] as string)
    ? (line as unknown as Line)
    : 'its `eventId` is no UUID as the log has them';
};

/** A line whose hash does not follow from it, and the hash before it. */
type Suspect = Readonly<{ line: Line; previous: Hash }>;
type Difference = { kind: Kind; position: number; message: string };
type Judgement = Pick<Verdict, 'verdict' | 'kind' | 'position' | 'message'>;

/** Takes an export line by line, in memory that does not grow with it. */
class Examination {
  private readonly tree = new Tree();
  private first = 0;
  private last = 0;
  private anchored = 0;
  private isHeld = false;
  private previous: Hash | undefined = '';
  private next = 0;
  private difference: Difference | undefined;
  private suspect: Suspect | undefined;

  constructor(
    private readonly checkpoints: readonly Checkpoint[],
    private readonly anchor: Anchor | undefined,
  ) {
    const fork = checkpoints.find(
      ({ size, root }, at) => checkpoints[at - 1]?.size === size && root !== checkpoints[at - 1]!.root,
    );
    if (fork)
      this.differs('rewritten', fork.size, `Two signed checkpoints over ${fork.size} events have different roots.`);
    if (anchor) this.hold(anchor.checkpoint);
  }

  /** The checkpoint in a proof comes from where the export does, and who has the key can sign it anew: it has to be one that was given. */
  private hold({ size, root }: Checkpoint): void {
    const given = this.checkpoints.find((each) => each.size === size);
    this.isHeld = given !== undefined;
    if (given && given.root !== root)
      this.differs(
        'rewritten',
        size,
        `The checkpoint of the proof and the one that was given, both over ${size} events, have different roots: history was rewritten.`,
      );
  }

  /** `seals` spare it the work that they stand for, where they continue what was taken. */
  takeBatch(batch: Buffer, seals?: Seals): void {
    const lines = linesIn(batch);
    const first = lines.next();
    if (!first.done) this.take(first.value);
    if (seals && seals.position === this.last && !this.difference) this.sealAll(seals.hashes);
    else for (const line of lines) this.take(line);
  }

  private take(text: string): void {
    const line = readLine(text);
    if (typeof line === 'string')
      return this.differs('malformed', this.last + 1, `The line behind event ${this.last} cannot be read: ${line}.`);
    if (this.first === 0) this.begin(line);
    else if (line.position !== this.last + 1) this.jump(line);
    if (this.difference) return this.explain(line);
    this.check(line);
  }

  private sealAll(hashes: string): void {
    for (let at = 0; at < hashes.length && !this.difference; at += HASH_BYTES)
      this.seal(this.last + 1, hashes.slice(at, at + HASH_BYTES));
  }

  private begin({ position }: Line): void {
    this.first = position;
    this.last = position - 1;
    // The leaf of a proof vouches for the hash before it as well.
    if (position !== 1) this.previous = this.anchor?.position === position ? this.anchor.previous : undefined;
  }

  private jump({ position }: Line): void {
    const expected = this.last + 1;
    if (position < expected) this.differs('repeated', position, `Event ${position} stands behind event ${this.last}.`);
    else
      this.differs(
        'removed',
        expected,
        `Events ${expected} to ${position - 1} are missing: event ${this.last} is followed by ${position}.`,
      );
  }

  private check(line: Line): void {
    const { previous } = this;
    const stated = hashIn(line.hash);
    if (previous === undefined || leafHash(previous, line) === stated) return this.seal(line.position, stated);
    this.last = line.position;
    this.suspect = { line, previous };
    const about = 'its bytes, or the hash of the event before it, are not those that were sealed';
    this.differs('changed', line.position, `Event ${line.position} does not give its hash: ${about}.`);
  }

  private seal(position: number, hash: Hash): void {
    this.previous = hash;
    this.last = position;
    this.tree.add(hash);
    if (this.anchor?.position === position) this.meetAnchor(hash, this.anchor);
    if (this.first === 1) this.compare(position);
  }

  private meetAnchor(stated: Hash, { position, leaf }: Anchor): void {
    if (stated !== leaf)
      this.differs(
        'rewritten',
        position,
        `The hash of event ${position} is not that of the proof: events up to it were rewritten.`,
      );
    else if (this.first !== 1 && this.isHeld) this.anchored = position;
  }

  private compare(size: number): void {
    for (; this.checkpoints[this.next]?.size === size; this.next += 1) {
      if (this.tree.root() !== this.checkpoints[this.next]!.root) {
        const [from, { time }] = [this.anchored + 1, this.checkpoints[this.next]!];
        return this.differs(
          'rewritten',
          from,
          `Events ${from} to ${size} chain, but are not those of the signed checkpoint over ${size} events of ${time}: among them history was rewritten.`,
        );
      }
      this.anchored = size;
    }
  }

  private differs(kind: Kind, position: number, message: string): void {
    this.difference ??= { kind, position, message };
  }

  /** What comes behind the first difference is looked at for what may have happened there. */
  private explain(line: Line): void {
    const { difference, suspect } = this;
    if (!difference) return;
    if (difference.kind === 'removed' && line.position === difference.position) {
      this.difference = {
        ...difference,
        kind: 'swapped',
        message: `Event ${line.position} stands further behind: events were swapped.`,
      };
    } else if (suspect && line.position > suspect.line.position && difference.kind === 'changed')
      this.match(line, suspect);
  }

  private match(line: Line, { line: found, previous }: Suspect): void {
    const { position, hash: stated } = found;
    const isHere = leafHash(previous, line, position) === hashIn(stated);
    const isNext = line.position === position + 1;
    const isThere = isNext && leafHash(hashIn(stated), found, position + 1) === hashIn(line.hash);
    if (isHere && isNext && !isThere)
      this.difference = {
        kind: 'inserted',
        position,
        message: `Event ${position} was inserted: what was sealed there stands one further behind.`,
      };
    else if (isHere)
      this.difference = {
        kind: 'swapped',
        position,
        message: `What was sealed as event ${position} stands at ${line.position}: they were swapped.`,
      };
    else if (isThere)
      this.difference = {
        kind: 'removed',
        position,
        message: `Event ${position} was removed, and those behind it were renumbered.`,
      };
  }

  end(): Verdict {
    const { difference, first, last, anchored } = this;
    const judged: Judgement = difference
      ? { verdict: 'differs', ...difference }
      : first === 1
        ? this.endOfWhole()
        : this.endOfPart();
    return { ...judged, first, last, anchored };
  }

  private endOfWhole(): Judgement {
    const { last, anchored } = this;
    const { size, time } = this.checkpoints.at(-1)!;
    if (anchored < size)
      return this.cut(
        `the checkpoint of ${time} was signed over ${size} events: ${last + 1} to ${size} are missing. Events 1 to ${anchored} are verified.`,
      );
    const more =
      last > anchored
        ? ` Events ${anchored + 1} to ${last} follow it, and no checkpoint that was given vouches for them yet.`
        : '';
    return { verdict: 'verified', message: `Events 1 to ${anchored} are those of the checkpoint of ${time}.${more}` };
  }

  private endOfPart(): Judgement {
    const { first, last, anchored, anchor } = this;
    if (first === 0) return this.unproven('The export is empty.');
    if (!anchor)
      return this.unproven(
        `The export begins at ${first}: its events chain, but nothing ties them to a checkpoint. ${this.wayTo(last)}`,
      );
    const { position, checkpoint } = anchor;
    if (!this.isHeld)
      return this.unproven(
        `The proof is of a checkpoint over ${checkpoint.size} events, and none of those that were given is over so many: nothing ties the export to them. ${this.wayTo(position)}`,
      );
    if (position < first)
      return this.unproven(`The proof is of event ${position}, and the export begins at ${first}. ${this.wayTo(last)}`);
    if (last < position) return this.cut(`the proof is of event ${position}: ${last + 1} to ${position} are missing.`);
    const more = last > anchored ? ` Events ${anchored + 1} to ${last} chain, and the proof does not reach them.` : '';
    const message = `Events ${first} to ${anchored} are those that were signed for; the bytes of ${first} itself take the hash before it.${more}`;
    return { verdict: 'verified', message };
  }

  private cut(why: string): Judgement {
    const { last } = this;
    return { verdict: 'differs', kind: 'cut', position: last + 1, message: `The export ends at ${last}, and ${why}` };
  }

  private unproven(message: string): Judgement {
    return { verdict: 'unproven', position: Math.max(1, this.first), message };
  }

  /** Which proof of that event would count. */
  private wayTo(position: number): string {
    const { size } = this.checkpoints.at(-1)!;
    return size < position
      ? `No checkpoint that was given reaches event ${position}: it takes one that does, or an export from the first event.`
      : `Give the answer of GET /audit/proof/${position}?size=${size}, or an export from the first event.`;
  }
}

type Proof = Readonly<{
  position: number;
  previousHash: string | null;
  leafHash: string;
  hashes: readonly string[];
  checkpoint: string;
}>;

const readProof = (text: string): Proof => {
  try {
    const proof = JSON.parse(text) as Proof;
    const { position, previousHash, leafHash: leaf, hashes, checkpoint } = proof;
    const texts = Array.isArray(hashes) && [leaf, checkpoint, ...hashes, ...(position === 1 ? [] : [previousHash])];
    const areTexts = texts && texts.every((each) => typeof each === 'string');
    if (isCount(position) && areTexts) return proof;
  } catch {
    // Said below.
  }
  throw new Unreadable('The proof is no answer of GET /audit/proof/{position}.');
};

/** The event that a proof of inclusion (`GET /audit/proof/{position}`) vouches for, by the signed checkpoint in it. */
const anchorIn = (text: string, keys: readonly Key[], log: string): Anchor => {
  const { position, previousHash, leafHash: leaf, hashes, checkpoint } = readProof(text);
  const [signed] = checkpointsIn(checkpoint, keys) as [Checkpoint];
  if (signed.origin !== log) throw new Unreadable('The proof is of another log than the checkpoints.');
  const root = rootOfProof(hashIn(leaf), position, signed.size, hashes.map(hashIn));
  if (root !== signed.root)
    throw new Unreadable(`The proof of event ${position} does not lead to the root of its checkpoint.`);
  const previous = typeof previousHash === 'string' ? hashIn(previousHash) : undefined;
  return { position, previous, leaf: hashIn(leaf), checkpoint: signed };
};

const readGrowth = (text: string): Growth => {
  try {
    const { from, to, hashes } = JSON.parse(text) as Record<'from' | 'to', number> & { hashes: readonly string[] };
    if (isCount(from) && isCount(to) && from <= to) return { from, to, hashes: hashes.map(hashIn) };
  } catch {
    // Said below.
  }
  throw new Unreadable('The proof is no answer of GET /audit/consistency.');
};

/** What is judged without an export: whether the log that one of the checkpoints vouches for has only grown into that of another. */
export type GrowthEvidence = Readonly<{ consistency: string; checkpoints: string; keys: string }>;

/** Judges a proof of consistency between two of the checkpoints. Throws Unreadable where proof, checkpoints or keys cannot be read, or relied on. */
export const verifyGrowth = ({ consistency, checkpoints, keys }: GrowthEvidence): Verdict => {
  const held = checkpointsIn(checkpoints, keysIn(keys));
  const growth = readGrowth(consistency);
  const { from, to } = growth;
  const ends = [from, to].map((size) => held.find((each) => each.size === size));
  const missing = [from, to].find((_, n) => ends[n] === undefined);
  const judged = (verdict: Verdict['verdict'], anchored: number, message: string): Verdict => ({
    ...{ verdict, message, first: 0, last: 0, anchored },
    ...(verdict === 'verified' ? {} : { position: from + 1 }),
  });
  if (missing !== undefined)
    return judged('unproven', 0, `None of the checkpoints that were given is over ${missing} events.`);
  const [older, newer] = ends as [Checkpoint, Checkpoint];
  if (!hasGrown(growth, older.root, newer.root))
    return judged(
      'unproven',
      from,
      `The proof does not lead from the checkpoint of ${older.time} over ${from} events to that of ${newer.time} over ${to}. Where GET /audit/consistency?from=${from}&to=${to} gives no other one, history was rewritten.`,
    );
  return judged(
    'verified',
    to,
    `The ${from} events of the checkpoint of ${older.time} are the first of the ${to} of that of ${newer.time}.`,
  );
};

const READ_BYTES = 2 ** 18;
const BATCH_BYTES = READ_BYTES / 2;

/** Whole lines: as many as were read at once, and of what comes in small pieces about as many. */
async function* batchesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [parts, size]: [Buffer[], number] = [[], 0];
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(10) + 1;
    const isEnough = end > 0 && size + end >= BATCH_BYTES;
    if (isEnough) yield Buffer.concat([...parts, chunk.subarray(0, end)]);
    const rest = isEnough ? chunk.subarray(end) : chunk;
    parts = isEnough ? [rest] : [...parts, rest];
    size = isEnough ? rest.length : size + rest.length;
  }
  if (size > 0) yield Buffer.concat(parts);
}

function* linesIn(batch: Buffer): Generator<string, undefined> {
  for (let start = 0; start < batch.length;) {
    const found = batch.indexOf(10, start);
    const end = found === -1 ? batch.length : found;
    if (end > start) yield batch.toString('utf8', start, end);
    start = end + 1;
  }
}

/** That the lines of a batch follow each other, and each gives its hash: the first one's position, and the hashes of those behind it. */
type Seals = Readonly<{ position: number; hashes: string }>;

const sealsIn = (batch: Buffer): Seals | undefined => {
  const hashes: Hash[] = [];
  let position: number | undefined;
  let previous: Hash = '';
  for (const text of linesIn(batch)) {
    const line = readLine(text);
    if (typeof line === 'string') return undefined;
    const stated = hashIn(line.hash);
    if (position === undefined) position = line.position;
    else if (line.position === position + hashes.length + 1 && leafHash(previous, line) === stated) hashes.push(stated);
    else return undefined;
    previous = stated;
  }
  return position === undefined ? undefined : { position, hashes: hashes.join('') };
};

type Examine = (batches: AsyncIterable<Buffer>, examination: Examination) => Promise<void>;

const examineHere: Examine = async (batches, examination) => {
  for await (const batch of batches) examination.takeBatch(batch);
};

/** A smaller export is verified before a thread would have started. */
const ALONE_BATCHES = 16;
const IS_SEALS_THREAD = 'shiplog-verify';

/** The lines of each batch are held against their hashes in threads of their own, and the batches against each other here. */
const examineInThreads: Examine = async (batches, examination) => {
  // While this one waits for the answer that is next in turn, the others have something to do.
  const threads = availableParallelism() + 1;
  const workers: Worker[] = [];
  const underWay: Array<() => Promise<void>> = [];
  const askFor = async (batch: Buffer, nth: number): Promise<Seals | undefined> => {
    const worker = (workers[nth % threads] ??= new Worker(new URL(import.meta.url), { workerData: IS_SEALS_THREAD }));
    worker.postMessage(batch);
    const [seals] = (await once(worker, 'message')) as [Seals | undefined];
    return seals;
  };
  try {
    let nth = 0;
    for await (const batch of batches) {
      // Behind it, the thread whose turn it is has nothing else to answer.
      if (underWay.length === threads) await underWay.shift()!();
      const seals = (nth += 1) > ALONE_BATCHES ? askFor(batch, nth) : undefined;
      // A thread that fails is told of when its turn comes, with an exit code that says so.
      seals?.catch(() => undefined);
      underWay.push(async () => examination.takeBatch(batch, await seals));
    }
    for (const take of underWay) await take();
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
};

/** What is judged: the export as it streams, the others as texts. `proof` ties an export that is a part to the checkpoints. */
export type Evidence = Readonly<{ events: AsyncIterable<Buffer>; checkpoints: string; keys: string; proof?: string }>;

/** Judges an export in constant memory. Throws Unreadable where checkpoints, keys or proof cannot be relied on themselves. */
export const verifyExport = (evidence: Evidence): Promise<Verdict> => judge(evidence, examineHere);

const judge = async ({ events, checkpoints, keys, proof }: Evidence, examine: Examine): Promise<Verdict> => {
  const known = keysIn(keys);
  const held = checkpointsIn(checkpoints, known);
  const anchor = proof === undefined ? undefined : anchorIn(proof, known, held[0]!.origin);
  const examination = new Examination(held, anchor);
  await examine(batchesOf(events), examination);
  return examination.end();
};

const USAGE = `usage: shiplog-verify EXPORT CHECKPOINTS KEYS [--proof PROOF] [--json]
       shiplog-verify --consistency CONSISTENCY CHECKPOINTS KEYS [--json]
  EXPORT       the log as NDJSON with hashes, oldest first; - for standard input
  CHECKPOINTS  signed checkpoints, one behind the other: best those that were kept outside of the service
  KEYS         verifier keys, one a line
  PROOF        for an export that begins later: of its last event, in one of these CHECKPOINTS (?size=)
  CONSISTENCY  that the log of one of these CHECKPOINTS has only grown into that of another (?from=&to=)
exit code: 0 verified, 1 something differs or is not proven, 2 the files cannot be judged`;

const verdictOn = async (args: readonly string[]): Promise<Readonly<{ verdict: Verdict; json: boolean }>> => {
  const options = { proof: { type: 'string' }, consistency: { type: 'string' }, json: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const { proof, consistency, json = false } = values;
  const [keys, checkpoints, events, ...more] = positionals.toReversed();
  const isAsked = consistency === undefined ? events !== undefined : events === undefined && proof === undefined;
  if (!isAsked || !checkpoints || !keys || more.length > 0) throw new Unreadable(USAGE);
  const held = { checkpoints: await readFile(checkpoints, 'utf8'), keys: await readFile(keys, 'utf8') };
  if (consistency !== undefined)
    return { verdict: verifyGrowth({ ...held, consistency: await readFile(consistency, 'utf8') }), json };
  const evidence = { ...held, ...(proof === undefined ? {} : { proof: await readFile(proof, 'utf8') }) };
  // Opened last: what is wrong with a stream that nobody reads yet would end the process.
  const stream = events === '-' ? process.stdin : createReadStream(events!, { highWaterMark: READ_BYTES });
  return { verdict: await judge({ events: stream, ...evidence }, examineInThreads), json };
};

/** The command line: answers its exit code. */
export const runVerifier = async (args: readonly string[]): Promise<number> => {
  try {
    const { verdict, json } = await verdictOn(args);
    const { verdict: judged, kind, message } = verdict;
    process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : `${kind ?? judged}: ${message}\n`);
    return judged === 'verified' ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
};

const [, started] = process.argv;
if (workerData === IS_SEALS_THREAD)
  parentPort?.on('message', ({ buffer, byteOffset, byteLength }: Uint8Array) =>
    parentPort?.postMessage(sealsIn(Buffer.from(buffer, byteOffset, byteLength))),
  );
else if (isMainThread && started && realpathSync(started) === fileURLToPath(import.meta.url))
  process.exitCode = await runVerifier(process.argv.slice(2));
