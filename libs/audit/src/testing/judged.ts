import { GrowingTree, inclusionProof, type ReadTiles } from '../tree.js';
import { verifyExport, type Verdict } from '../verify.js';
import { sealedLog, type SealedLine, type SealedLog } from './sealed-log.js';

/** What an auditor is given in place of what the log has; the export comes in pieces of so many bytes. */
export type Given = Partial<SealedLog> & Readonly<{ proof?: string; piece?: number }>;

export const judged = (log: SealedLog, given: Given): Promise<Verdict> => {
  const { lines, notes, vkey, proof, piece = 1_000 } = { ...log, ...given };
  const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return verifyExport({
    events: (async function* () {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    })(),
    checkpoints: notes.join('\n'),
    keys: vkey,
    ...(proof === undefined ? {} : { proof }),
  });
};

/** The tree over these lines, to make proofs of. */
export const tilesOf = (lines: readonly SealedLine[]): ReadTiles => {
  const tree = new GrowingTree();
  for (const { hash } of lines) tree.add(Buffer.from(hash, 'base64'));
  const tiles = tree.takeChanged();
  return async () => tiles;
};

/** The proof of an event in the newest checkpoint of its log, as the service answers it. */
export const proofOf = async (position: number, { lines, notes }: SealedLog): Promise<string> => {
  const checkpoint = notes.at(-1)!;
  const size = Number(checkpoint.split('\n')[1]);
  const hashes = await inclusionProof(position - 1, size, tilesOf(lines.slice(0, size)));
  return JSON.stringify({
    ...{
      position,
      size,
      previousHash: lines[position - 2]?.hash ?? null,
      leafHash: lines[position - 1]!.hash,
      checkpoint,
    },
    hashes: hashes.map((hash) => hash.toString('base64')),
  });
};

/** What whoever has the key makes of a log: event 17 is another, all hashes behind it are fresh, and the checkpoints are signed. */
export const rewrittenLog = (events: ReadonlyArray<Omit<SealedLine, 'hash'>>, sizes: readonly number[]): SealedLog =>
  sealedLog(
    events.map((event) => (event.position === 17 ? { ...event, data: '{}' } : event)),
    sizes,
  );
