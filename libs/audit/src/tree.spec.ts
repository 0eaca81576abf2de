import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  consistencyProof,
  GrowingTree,
  inclusionProof,
  leafIn,
  nodeHash,
  openTiles,
  placeOfLeaf,
  rootAt,
  type Tile,
  type TilePlace,
} from './tree.js';

const sha256 = (...parts: Array<Buffer | string>): Buffer =>
  hash('sha256', Buffer.concat(parts.map((part) => Buffer.from(part as string))), 'buffer');
const leafOf = (content: Buffer): Buffer => sha256(Buffer.of(0), content);
const hex = (bytes: Buffer): string => bytes.toString('hex');

/** The tree hash of RFC 6962, 2.1, word for word. */
const treeHash = (leaves: readonly Buffer[]): Buffer => {
  if (leaves.length === 0) return sha256('');
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
};

/** Tiles as a database keeps them: what is there is written over. */
class Shelf {
  readonly tiles = new Map<string, Tile>();
  readonly read = async (places: readonly TilePlace[]): Promise<Tile[]> =>
    places.flatMap((place) => this.tiles.get(`${place.level}/${place.index}`) ?? []);
  put(tiles: readonly Tile[]): void {
    for (const tile of tiles) this.tiles.set(`${tile.level}/${tile.index}`, tile);
  }
}

const leavesOf = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => leafOf(Buffer.from(`leaf ${i}`)));

const grown = (leaves: readonly Buffer[]): Shelf => {
  const [tree, shelf] = [new GrowingTree(), new Shelf()];
  for (const leaf of leaves) tree.add(leaf);
  shelf.put(tree.takeChanged());
  return shelf;
};

/** The verification of RFC 9162, 2.1.3.2. */
const rootOf = (leaf: number, size: number, hash: Buffer, path: readonly Buffer[]): Buffer | undefined => {
  let [fn, sn, at] = [leaf, size - 1, hash];
  for (const each of path) {
    const isRight = fn % 2 === 1 || fn === sn;
    at = isRight ? nodeHash(each, at) : nodeHash(at, each);
    while (isRight && fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 ? at : undefined;
};

/** The verification of RFC 9162, 2.1.4.2. */
const isConsistent = (from: number, to: number, [old, young]: [Buffer, Buffer], proof: readonly Buffer[]): boolean => {
  const isPower = (from & (from - 1)) === 0;
  const path = isPower ? [old, ...proof] : [...proof];
  let [fn, sn] = [from - 1, to - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  let [fr, sr] = [path[0]!, path[0]!];
  for (const each of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(each, fr), nodeHash(each, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else sr = nodeHash(sr, each);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 && fr.equals(old) && sr.equals(young);
};

describe('the tree', () => {
  // The reference vectors of Certificate Transparency.
  const contents = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];

  it('has the roots of the vectors of Certificate Transparency', () => {
    const tree = new GrowingTree();
    expect(hex(tree.root())).toBe(roots[0]);
    for (const [i, content] of contents.entries()) {
      tree.add(leafOf(Buffer.from(content, 'hex')));
      expect([tree.size, hex(tree.root())]).toEqual([i + 1, roots[i + 1]]);
    }
  });

  const sizes = [1, 2, 255, 256, 257, 511, 512, 513, 1_000, 65_535, 65_536, 65_537, 66_000];

  it('has the root that RFC 6962 defines, also where tiles and levels of them begin', async () => {
    const leaves = leavesOf(sizes.at(-1)!);
    const tree = new GrowingTree();
    const shelf = grown(leaves);
    for (const [i, leaf] of leaves.entries()) {
      tree.add(leaf);
      if (!sizes.includes(i + 1) || (i > 1_000 && i !== 65_536)) continue;
      const root = treeHash(leaves.slice(0, i + 1));
      expect(hex(tree.root())).toBe(hex(root));
      expect(hex(await rootAt(i + 1, shelf.read))).toBe(hex(root));
    }
  });

  it('goes on from its open tiles as if it had never stopped', () => {
    const leaves = leavesOf(66_000);
    const shelf = new Shelf();
    for (const [i, stop] of sizes.entries()) {
      const from = sizes[i - 1] ?? 0;
      const open = openTiles(from).map(({ level, index }) => shelf.tiles.get(`${level}/${index}`)!);
      const tree = new GrowingTree(from, open);
      for (const leaf of leaves.slice(from, stop)) tree.add(leaf);
      shelf.put(tree.takeChanged());
    }
    // Jest takes seconds to compare so many bytes.
    expect(isDeepStrictEqual(shelf.tiles, grown(leaves).tiles)).toBe(true);
  });

  it('refuses to go on from tiles that lack hashes', () => {
    expect(() => new GrowingTree(3, [])).toThrow('Tile 0/0 lacks hashes of the tree of 3 events.');
  });

  it('finds each leaf in its tile', async () => {
    const leaves = leavesOf(600);
    const shelf = grown(leaves);
    for (const index of [0, 255, 256, 599]) {
      const [tile] = await shelf.read([placeOfLeaf(index)]);
      expect(leafIn(tile!, index)).toEqual(leaves[index]);
    }
    const [last] = await shelf.read([placeOfLeaf(600)]);
    expect(() => leafIn(last!, 600)).toThrow('Tile 0/2 lacks the hash of event 601.');
  });
});

describe('proofs', () => {
  const leaves = leavesOf(700);
  const shelf = grown(leaves);

  it('of inclusion lead from every leaf to the root', async () => {
    for (const size of [1, 2, 3, 7, 8, 255, 256, 257, 700]) {
      const root = treeHash(leaves.slice(0, size));
      for (let leaf = 0; leaf < size; leaf += size > 300 ? 41 : 1) {
        const path = await inclusionProof(leaf, size, shelf.read);
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        expect(hex(rootOf(leaf, size, leaves[leaf]!, path)!)).toBe(hex(root));
      }
    }
  });

  it('of consistency lead from each tree to the ones that grew from it', async () => {
    for (const [from, to] of [
      [1, 1],
      [1, 2],
      [3, 7],
      [4, 8],
      [6, 8],
      [255, 256],
      [256, 700],
      [257, 700],
      [699, 700],
    ] as const) {
      const proof = await consistencyProof(from, to, shelf.read);
      const roots: [Buffer, Buffer] = [treeHash(leaves.slice(0, from)), treeHash(leaves.slice(0, to))];
      if (from === to) expect(proof).toEqual([]);
      else expect(isConsistent(from, to, roots, proof)).toBe(true);
      if (from === to) continue;
      expect(isConsistent(from, to, [leafOf(Buffer.from('another')), roots[1]], proof)).toBe(false);
    }
  });

  it('read a few tiles, however large the tree is', async () => {
    const asked: TilePlace[][] = [];
    const tile = Buffer.alloc(256 * 32, 7);
    await inclusionProof(123_456_789, 2 ** 32 - 5, async (places) => {
      asked.push([...places]);
      return places.map((place) => ({ ...place, hashes: tile }));
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]!.length).toBeLessThanOrEqual(8);
  });
});
