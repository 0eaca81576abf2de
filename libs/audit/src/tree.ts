import { hash } from 'node:crypto';
import { HASH_BYTES } from './leaf.js';

/** Hashes of a tile: a whole one holds as many, and the next level has one hash for each of those. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

/** Hashes that follow each other at a level of the tree, from `index` times their number on; the last one of a level grows. */
export type Tile = Readonly<{ level: number; index: number; hashes: Buffer }>;
export type TilePlace = Pick<Tile, 'level' | 'index'>;

const node = Buffer.alloc(1 + 2 * HASH_BYTES);
node[0] = 1;

/** The hash of a node over its two children, as RFC 6962 has it. */
export const nodeHash = (left: Buffer, right: Buffer): Buffer => {
  left.copy(node, 1);
  right.copy(node, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
};

const hashAt = (hashes: Buffer, index: number): Buffer => hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);

/** The node over so many hashes, a power of two, from the one at `from` on. */
const over = (hashes: Buffer, from: number, count: number): Buffer => {
  if (count === 1) return hashAt(hashes, from);
  const half = count / 2;
  return nodeHash(over(hashes, from, half), over(hashes, from + half, half));
};

/** Whole subtrees, from the left to the right, as one tree. */
const join = (subtrees: readonly Buffer[]): Buffer =>
  subtrees.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), subtrees.at(-1)!);

/** The root of the tree without leaves. */
export const EMPTY_ROOT = hash('sha256', '', 'buffer');

/** Where the last tile of each level lies that is not whole, in a tree of so many leaves. */
export const openTiles = (size: number): TilePlace[] => {
  const places: TilePlace[] = [];
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH))
    if (count % TILE_WIDTH > 0) places.push({ level, index: Math.floor(count / TILE_WIDTH) });
  return places;
};

/** Where the hash of a leaf stands, its index counting from 0. */
export const placeOfLeaf = (leaf: number): TilePlace => ({ level: 0, index: Math.floor(leaf / TILE_WIDTH) });

/** The leaves of a tile of level 0 by their indexes: the one asked for, which has to be among them. */
export const leafIn = ({ index, hashes }: Tile, leaf: number): Buffer => {
  const at = leaf - index * TILE_WIDTH;
  if ((at + 1) * HASH_BYTES > hashes.length) throw new Error(`Tile 0/${index} lacks the hash of event ${leaf + 1}.`);
  return hashAt(hashes, at);
};

/** How many hashes a tile has in a tree of so many leaves. */
export const tileCount = ({ level, index }: TilePlace, size: number): number =>
  Math.min(TILE_WIDTH, Math.max(0, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH));

type Level = { index: number; count: number; readonly hashes: Buffer; changed: boolean };

/** A Merkle tree (RFC 6962) that grows: it holds its right edge alone, and hands out the tiles that have changed. */
export class GrowingTree {
  readonly #levels: Level[] = [];
  readonly #whole: Tile[] = [];
  #size = 0;

  /** Goes on from a tree of so many leaves, of which `tiles` are the `openTiles`. Throws where one lacks hashes. */
  constructor(size = 0, tiles: readonly Tile[] = []) {
    for (const place of openTiles(size)) {
      const tile = tiles.find(({ level, index }) => level === place.level && index === place.index);
      const count = tileCount(place, size);
      if (!tile || tile.hashes.length < count * HASH_BYTES)
        throw new Error(`Tile ${place.level}/${place.index} lacks hashes of the tree of ${size} events.`);
      const level = this.#level(place.level);
      tile.hashes.copy(level.hashes, 0, 0, count * HASH_BYTES);
      level.count = count;
    }
    for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH))
      this.#level(level).index = Math.floor(count / TILE_WIDTH);
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  add(leaf: Buffer): void {
    this.#size += 1;
    this.#put(0, leaf);
  }

  root(): Buffer {
    const subtrees: Buffer[] = [];
    for (const { hashes, count } of this.#levels.toReversed()) {
      let from = 0;
      for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
        if ((count & width) === 0) continue;
        subtrees.push(over(hashes, from, width));
        from += width;
      }
    }
    return subtrees.length === 0 ? EMPTY_ROOT : join(subtrees);
  }

  /** The tiles that have changed since the last time, as they are now. */
  takeChanged(): Tile[] {
    const open = this.#levels.flatMap((each, level) => {
      if (!each.changed || each.count === 0) return [];
      each.changed = false;
      return [{ level, index: each.index, hashes: Buffer.from(each.hashes.subarray(0, each.count * HASH_BYTES)) }];
    });
    return [...this.#whole.splice(0), ...open];
  }

  #put(at: number, added: Buffer): void {
    const level = this.#level(at);
    added.copy(level.hashes, level.count * HASH_BYTES);
    level.count += 1;
    level.changed = true;
    if (level.count < TILE_WIDTH) return;
    this.#whole.push({ level: at, index: level.index, hashes: Buffer.from(level.hashes) });
    level.index += 1;
    level.count = 0;
    this.#put(at + 1, over(level.hashes, 0, TILE_WIDTH));
  }

  #level(at: number): Level {
    while (this.#levels.length <= at)
      this.#levels.push({ index: 0, count: 0, hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES), changed: false });
    return this.#levels[at]!;
  }
}

/** A subtree over the leaves from `start` up to `end`, as RFC 6962 cuts trees. */
type Range = Readonly<{ start: number; end: number }>;

const largestPowerBelow = (size: number): number => {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
};

/** PATH of RFC 6962, 2.1.1. */
const pathTo = (leaf: number, { start, end }: Range): Range[] => {
  if (end - start <= 1) return [];
  const middle = start + largestPowerBelow(end - start);
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ];
  return leaf < middle ? [...pathTo(leaf, left), right] : [...pathTo(leaf, right), left];
};

/** SUBPROOF of RFC 6962, 2.1.2. */
const subproof = (from: number, { start, end }: Range, known: boolean): Range[] => {
  if (from === end) return known ? [] : [{ start, end }];
  const middle = start + largestPowerBelow(end - start);
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ];
  return from <= middle ? [...subproof(from, left, known), right] : [...subproof(from, right, false), left];
};

/** Asks for tiles at once; those that there are not may be missing in the answer. */
export type ReadTiles = (places: readonly TilePlace[]) => Promise<readonly Tile[]>;

/** The hashes of an inclusion proof (RFC 6962, 2.1.1) of the leaf with this index, from 0, in a tree of so many leaves. */
export const inclusionProof = (leaf: number, size: number, read: ReadTiles): Promise<Buffer[]> =>
  hashRanges(pathTo(leaf, { start: 0, end: size }), read);

/** The hashes of a consistency proof (RFC 6962, 2.1.2) between the trees of the first `from` and the first `to` leaves. */
export const consistencyProof = (from: number, to: number, read: ReadTiles): Promise<Buffer[]> =>
  hashRanges(from === 0 ? [] : subproof(from, { start: 0, end: to }, true), read);

/** The root of the first so many leaves. */
export const rootAt = async (size: number, read: ReadTiles): Promise<Buffer> =>
  size === 0 ? EMPTY_ROOT : (await hashRanges([{ start: 0, end: size }], read))[0]!;

/** A subtree of 2^height leaves, the `index`th of its height: some hashes of one tile. */
type Whole = Readonly<{ height: number; index: number }>;

/** A range as whole subtrees, from the left to the right; a range of the tree begins where its largest one may. */
const wholesOf = ({ start, end }: Range): Whole[] => {
  const wholes: Whole[] = [];
  for (let at = start; at < end;) {
    let height = 0;
    while (at + 2 ** (height + 1) <= end && at % 2 ** (height + 1) === 0) height += 1;
    wholes.push({ height, index: at / 2 ** height });
    at += 2 ** height;
  }
  return wholes;
};

const inTile = ({ height, index }: Whole): TilePlace & { from: number; count: number } => {
  const count = 2 ** (height % TILE_HEIGHT);
  const first = index * count;
  const tile = Math.floor(first / TILE_WIDTH);
  return { level: Math.floor(height / TILE_HEIGHT), index: tile, from: first % TILE_WIDTH, count };
};

const nameOf = ({ level, index }: TilePlace): string => `${level}/${index}`;

const hashRanges = async (ranges: readonly Range[], read: ReadTiles): Promise<Buffer[]> => {
  const needed = ranges.map((range) => wholesOf(range).map(inTile));
  const places = new Map(needed.flat().map(({ level, index }) => [nameOf({ level, index }), { level, index }]));
  const tiles = new Map((await read([...places.values()])).map((tile) => [nameOf(tile), tile.hashes]));
  return needed.map((wholes) =>
    join(
      wholes.map((whole) => {
        const hashes = tiles.get(nameOf(whole));
        if (!hashes || hashes.length < (whole.from + whole.count) * HASH_BYTES)
          throw new Error(`Tile ${nameOf(whole)} lacks hashes: the Merkle tree in the database is not whole.`);
        return over(hashes, whole.from, whole.count);
      }),
    ),
  );
};
