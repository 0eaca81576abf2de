import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { leafHash, NO_PREVIOUS } from './leaf.js';
import { checkpointText, originOf, readSigner, signNote } from './note.js';
import { pemOf, storedBytesOf, type SealedLine } from './testing/index.js';
import { consistencyProof, GrowingTree, inclusionProof, rootAt, type Tile } from './tree.js';
import { verifyExport } from './verify.js';

type Proof = Readonly<{ position: number; from: number; size: number; to: number; hashes: readonly string[] }>;
type Vectors = Readonly<{
  storeId: string;
  seed: string;
  vkey: string;
  events: readonly SealedLine[];
  roots: readonly string[];
  inclusion: readonly Proof[];
  consistency: readonly Proof[];
  checkpoints: readonly string[];
}>;
const vectors = JSON.parse(
  readFileSync(new URL('../../../docs/audit-vectors.json', import.meta.url), 'utf8'),
) as Vectors;
const inBase64 = (bytes: Buffer): string => bytes.toString('base64');

describe('docs/audit-vectors.json', () => {
  const tree = new GrowingTree();
  let previous = NO_PREVIOUS;
  const hashes = vectors.events.map((event) => {
    previous = leafHash(previous, storedBytesOf(event));
    tree.add(previous);
    return inBase64(previous);
  });
  const tiles = tree.takeChanged();
  const read = async (): Promise<readonly Tile[]> => tiles;

  it('has the hashes that the sealer makes', () => {
    expect(hashes).toEqual(vectors.events.map(({ hash }) => hash));
  });

  it('has the roots of all trees over them', async () => {
    const roots = await Promise.all(vectors.roots.map((_, size) => rootAt(size, read)));
    expect(roots.map(inBase64)).toEqual(vectors.roots);
  });

  it('has the proofs that the service gives', async () => {
    for (const { position, size, hashes: path } of vectors.inclusion)
      expect((await inclusionProof(position - 1, size, read)).map(inBase64)).toEqual(path);
    for (const { from, to, hashes: path } of vectors.consistency)
      expect((await consistencyProof(from, to, read)).map(inBase64)).toEqual(path);
  });

  it('has the key and the notes', async () => {
    const signer = readSigner(pemOf(vectors.seed), originOf(vectors.storeId));
    expect(signer.vkey).toBe(vectors.vkey);
    for (const note of vectors.checkpoints) {
      const [, size, , time] = note.split('\n') as [string, string, string, string];
      const root = await rootAt(Number(size), read);
      const text = checkpointText({ origin: signer.name, size: Number(size), root, time: time.slice('time '.length) });
      expect(signNote(text, signer)).toBe(note);
    }
  });

  it('is verified by the verifier, which shares no code with the sealer', async () => {
    const text = vectors.events.map((event) => `${JSON.stringify(event)}\n`).join('');
    const verdict = await verifyExport({
      events: (async function* () {
        yield Buffer.from(text);
      })(),
      checkpoints: vectors.checkpoints.join('\n'),
      keys: vectors.vkey,
    });
    expect(verdict).toMatchObject({ verdict: 'verified', first: 1, last: 7, anchored: 7 });
  });
});
