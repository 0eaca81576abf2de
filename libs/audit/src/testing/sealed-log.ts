import { GrowingTree } from '../tree.js';
import { leafHash, NO_PREVIOUS, type StoredBytes } from '../leaf.js';
import { checkpointText, readSigner, signNote, type Signer } from '../note.js';

/** An event as a line of an export with hashes has it. */
export type SealedLine = Readonly<{
  position: number;
  stream: string;
  version: number;
  eventId: string;
  type: string;
  occurredAt: string;
  recordedAt: string;
  commandId: string;
  data: string;
  metadata: string;
  hash: string;
}>;

const ED25519_DER = '302e020100300506032b657004220420';

/** The private key of a seed of 32 bytes in hexadecimal digits, in PEM. */
export const pemOf = (seed: string): string =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(ED25519_DER + seed, 'hex').toString('base64')}\n-----END PRIVATE KEY-----\n`;

/** The bytes of an event as the database has them, from its line. */
export const storedBytesOf = (line: Omit<SealedLine, 'hash'>): StoredBytes => {
  const texts = [line.stream, line.type, line.data, line.metadata, line.commandId].map((text) => Buffer.from(text));
  const parts = [...texts, Buffer.from(line.eventId.replaceAll('-', ''), 'hex')];
  let at = 0;
  const spans = parts.map(({ length }) => ({ start: at, end: (at += length) }));
  const [stream, type, data, metadata, commandId, id] = spans as [Span, Span, Span, Span, Span, Span];
  return {
    ...{ bytes: Buffer.concat(parts), position: line.position, version: line.version },
    ...{ stream, type, data, metadata, commandId, id },
    occurredAt: { bytes: Buffer.from(line.occurredAt) },
    recordedAt: { bytes: Buffer.from(line.recordedAt) },
  };
};
type Span = Readonly<{ start: number; end: number }>;

const TIME = '2026-11-20T10:00:00.000000Z';

/** An event like any other, of one of seven streams. */
export const lineAt = (position: number, more: Partial<SealedLine> = {}): Omit<SealedLine, 'hash'> => ({
  position,
  stream: `target:web-shop/target-${position % 7}`,
  version: Math.ceil(position / 7),
  eventId: `0199f6a4-71b8-7c06-8a3f-${position.toString(16).padStart(12, '0')}`,
  type: 'DeploymentStarted',
  occurredAt: TIME,
  recordedAt: TIME,
  commandId: `command-${position}`,
  data: `{"number":${position},"version":"1.4.${position}"}`,
  metadata: '{"actor":{"id":"ci","kind":"service"}}',
  ...more,
});

export type SealedLog = Readonly<{ lines: readonly SealedLine[]; notes: readonly string[]; vkey: string }>;

/** Seals events as the service does, with a checkpoint over each of these sizes. */
export const sealedLog = (
  events: ReadonlyArray<Omit<SealedLine, 'hash'>>,
  sizes: readonly number[],
  signer: Signer = readSigner(pemOf('07'.repeat(32)), 'urn:shiplog:test'),
): SealedLog => {
  const tree = new GrowingTree();
  const notes: string[] = [];
  let previous = NO_PREVIOUS;
  const lines = events.map((event) => {
    previous = leafHash(previous, storedBytesOf(event));
    tree.add(previous);
    if (sizes.includes(tree.size))
      notes.push(
        signNote(checkpointText({ origin: signer.name, size: tree.size, root: tree.root(), time: TIME }), signer),
      );
    return { ...event, hash: previous.toString('base64') };
  });
  return { lines, notes, vkey: signer.vkey };
};
