import { leafIn, placeOfLeaf, TILE_WIDTH, type Tile } from '#audit';
import { sealedEventText } from '#contracts';
import { readRows, type EventRow, type Pool } from '#event-store';
import { readLeafTiles } from '../../audit/audit-tables.js';
import type { Bounded, Read } from '../views/log-ranges.js';

export const inBase64 = (bytes: Buffer): string => bytes.toString('base64');

/** An event with its hash and the one before it; `text` is as exports with hashes have it. */
export type FoundEvent = Readonly<{ stream: string; leaf: Buffer; previous: Buffer | null; text: string }>;

const BYTES_OF_ONE = 1;

/** The event at this position, which is sealed; undefined where the log has lost it. */
export async function sealedEvent(pool: Pool, position: number): Promise<FoundEvent | undefined> {
  const range = { after: position - 1, upTo: position, limit: 1, maxBytes: BYTES_OF_ONE, withId: true };
  const hashes = await Hashes.read(pool, Math.max(1, position - 1), position);
  const [leaf, previous] = [hashes.of(position), position === 1 ? null : hashes.of(position - 1)];
  let found: FoundEvent | undefined;
  await readRows(pool, range, (row) => {
    found = { stream: row.text(row.stream), leaf, previous, text: textOf(row, leaf) };
  });
  return found;
}

/** A range of the log that is sealed, as lines of NDJSON with hashes. */
export async function readSealedLines(pool: Pool, range: Bounded): Promise<Read<Buffer>> {
  const { after, limit } = range;
  // By positions: of a log that lost events, fewer come.
  const upTo = Math.min(range.upTo, after + limit);
  const hashes = await Hashes.read(pool, after + 1, upTo);
  let text = '';
  const { count, isCut, last } = await readRows(pool, { ...range, upTo, withId: true }, (row) => {
    text += `${textOf(row, hashes.find(row.position))}\n`;
  });
  hashes.check();
  return { events: count === 0 ? [] : [Buffer.from(text)], count, isCut, reached: isCut ? last : upTo };
}

const textOf = (row: EventRow, hash: Buffer): string =>
  sealedEventText({ ...row.toEvent(), id: row.bytes.toString('hex', row.id.start, row.id.end), hash });

/** The hashes of some events that follow each other. */
class Hashes {
  private missing: number | undefined;

  private constructor(private readonly tiles: ReadonlyMap<number, Tile>) {}

  static async read(pool: Pool, from: number, to: number): Promise<Hashes> {
    const tiles = await readLeafTiles(pool, placeOfLeaf(from - 1).index, placeOfLeaf(to - 1).index);
    return new Hashes(new Map(tiles.map((tile) => [tile.index, tile])));
  }

  /** Throws where the tree in the database lacks it. */
  of(position: number): Buffer {
    const hash = this.find(position);
    this.check();
    return hash;
  }

  /** The same for whoever must not throw, and checks later. */
  find(position: number): Buffer {
    const tile = this.tiles.get(placeOfLeaf(position - 1).index);
    const has = tile && position - tile.index * TILE_WIDTH <= tile.hashes.length / NONE.length;
    if (has) return leafIn(tile, position - 1);
    this.missing ??= position;
    return NONE;
  }

  check(): void {
    if (this.missing !== undefined)
      throw new Error(`The table audit_tiles lacks the hash of event ${this.missing}, which was sealed.`);
  }
}

const NONE = Buffer.alloc(32);
