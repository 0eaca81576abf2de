import {
  checkpointText,
  GrowingTree,
  leafHash,
  leafIn,
  NO_PREVIOUS,
  openTiles,
  placeOfLeaf,
  signNote,
  type Signer,
} from '#audit';
import {
  claimCheckpoint,
  inTransaction,
  keepingOpen,
  type EventRow,
  type EventStore,
  type Pool,
  type Queryable,
} from '#event-store';
import { newestCheckpoint, readTiles, SEALED, writeSealed, type Checkpoint, type Sealed } from './audit-tables.js';

/** A checkpoint is signed over so many events more, */
const EVENTS = 1_000;
/** or as soon as one is there, so long after the last: the sealer looks every second, and none is to wait for more than ten. */
const PERIOD_MS = 9_000;
/** Events sealed in one transaction, and how many bytes of them. */
const PAGE = 5 * EVENTS;
const BYTES = 2 ** 23;

/** What a person has to look at: sealing goes no further until then. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** What one turn came to: how far the log is sealed, and whether there is more to seal at once. */
export type Turn = Readonly<{ kind: 'sealed'; size: number; events: number; more: boolean } | { kind: 'taken' }>;

export type SealParts = Readonly<{
  store: Pick<EventStore, 'head' | 'readRows'>;
  pool: Pool;
  /** The key that may sign now; throws SealBroken where this process has another one. */
  signer(tx: Queryable, size: number): Promise<Signer>;
  /** How far this process has seen the log sealed: what was signed since never goes back behind that. */
  seen?: number;
}>;

/**
 * Seals the next events, where it is time to, in one transaction that one replica at a time gets into: their hashes, each over
 * the one before it, the tree over them, and signed checkpoints.
 */
export const sealNext = (parts: SealParts): Promise<Turn> =>
  inTransaction(parts.pool, async (tx): Promise<Turn> => {
    const size = await claimCheckpoint(tx, SEALED);
    if (size === null) return { kind: 'taken' };
    const [last, head] = [await newestCheckpoint(tx), await parts.store.head()];
    const wrong = faultOf({ size, last, end: head.position, seen: parts.seen ?? 0 });
    if (wrong) throw new SealBroken(wrong);
    const limit = dueOf(head.position - size, last && Date.parse(head.now) - Date.parse(last.time));
    if (limit === 0) return { kind: 'sealed', size, events: 0, more: false };
    const signer = await parts.signer(tx, size);
    if (last && !mayFollow(last, signer))
      throw new SealBroken(`The newest checkpoint, over ${size} events, is not the one that key ${signer.id} signed.`);
    const sealing = new Sealing(await edgeOf(tx, last), signer, head.now);
    await readInto(sealing, limit, { tx, store: parts.store });
    const sealed = sealing.end();
    await writeSealed(tx, sealed);
    const reached = sealing.size;
    return { kind: 'sealed', size: reached, events: reached - size, more: head.position - reached >= EVENTS };
  });

/** Hands the next events to it; throws where one is missing. */
async function readInto(sealing: Sealing, limit: number, { tx, store }: Reading): Promise<void> {
  const after = sealing.size;
  const range = { after, limit, maxBytes: BYTES, withId: true };
  const reading = store.readRows(range, (row) => sealing.take(row));
  const { count, isCut } = await keepingOpen(tx, reading);
  const { size } = sealing;
  if (size !== after + count || (!isCut && count < limit))
    throw new SealBroken(
      `Event ${size + 1} is missing in the log: an export, verified with the last checkpoint, says more.`,
    );
}
type Reading = Pick<SealParts, 'store'> & Readonly<{ tx: Queryable }>;

type Found = Readonly<{ size: number; last: Checkpoint | undefined; end: number; seen: number }>;

/** What is wrong with how far the log is sealed. */
function faultOf({ size, last, end, seen }: Found): string | undefined {
  if (size > end) return `The log was sealed up to ${size}, and ends at ${end}: it lost events, or is another one.`;
  if (size < seen) return `The log is sealed up to ${size} now, and was up to ${seen} before.`;
  const signed = last?.size ?? 0;
  return signed === size
    ? undefined
    : `The log was sealed up to ${size}, and the newest checkpoint is over ${signed} events.`;
}

/** Signatures of Ed25519 are always the same: what the key has signed it would sign again. Another key's was checked by that one. */
const mayFollow = (last: Checkpoint, signer: Signer): boolean =>
  last.keyId !== signer.id || noteOf(last, signer) === last.note;

const noteOf = ({ size, root, time }: Pick<Checkpoint, 'size' | 'root' | 'time'>, signer: Signer): string =>
  signNote(checkpointText({ origin: signer.name, size, root, time }), signer);

/** How many events to seal: whole thousands, or what is there when it has waited for long enough. */
const dueOf = (waiting: number, sinceMs = Infinity): number => {
  if (waiting >= EVENTS) return Math.min(PAGE, waiting - (waiting % EVENTS));
  // A clock that was put back would else keep what is left waiting until it comes there again.
  return sinceMs >= PERIOD_MS || sinceMs < 0 ? waiting : 0;
};

/** Where the tree goes on: its right edge, and the hash of the last event. */
type Edge = Readonly<{ tree: GrowingTree; previous: Buffer }>;

/** The tree as it was signed last: hashes that do not give its root are none to go on from. */
async function edgeOf(tx: Queryable, last: Checkpoint | undefined): Promise<Edge> {
  if (!last) return { tree: new GrowingTree(), previous: NO_PREVIOUS };
  const { size, root } = last;
  const tiles = await readTiles(tx, [...openTiles(size), placeOfLeaf(size - 1)]);
  const leaves = tiles.find(({ level, index }) => level === 0 && index === placeOfLeaf(size - 1).index);
  try {
    const tree = new GrowingTree(size, tiles);
    if (leaves && tree.root().equals(root)) return { tree, previous: leafIn(leaves, size - 1) };
  } catch (error) {
    throw new SealBroken((error as Error).message, { cause: error });
  }
  throw new SealBroken(
    `The hashes in audit_tiles do not give the root of the checkpoint over ${size} events: one of the two was altered.`,
  );
}

/** Takes the events of one turn in the order of their positions, up to one that is missing. */
class Sealing {
  private readonly tree: GrowingTree;
  private readonly checkpoints: Checkpoint[] = [];
  private readonly began: number;
  private previous: Buffer;

  constructor(
    { tree, previous }: Edge,
    private readonly signer: Signer,
    private readonly time: string,
  ) {
    [this.tree, this.previous, this.began] = [tree, previous, tree.size];
  }

  get size(): number {
    return this.tree.size;
  }

  take(row: EventRow): void {
    if (row.position !== this.tree.size + 1) return;
    this.previous = leafHash(this.previous, row);
    this.tree.add(this.previous);
    if ((this.tree.size - this.began) % EVENTS === 0) this.sign();
  }

  end(): Sealed {
    if (this.checkpoints.at(-1)?.size !== this.tree.size) this.sign();
    return { tiles: this.tree.takeChanged(), checkpoints: this.checkpoints };
  }

  private sign(): void {
    const { signer, time, tree } = this;
    const [size, root] = [tree.size, tree.root()];
    const note = noteOf({ size, root, time }, signer);
    this.checkpoints.push({ size, root, keyId: signer.id, time, note });
  }
}
