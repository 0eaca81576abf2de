export { leafHash, NO_PREVIOUS, type StoredBytes } from './leaf.js';
export {
  checkpointText,
  newSigningKey,
  originOf,
  readSigner,
  signNote,
  type CheckpointBody,
  type Signer,
} from './note.js';
export {
  consistencyProof,
  GrowingTree,
  inclusionProof,
  leafIn,
  openTiles,
  placeOfLeaf,
  rootAt,
  TILE_WIDTH,
  type ReadTiles,
  type Tile,
  type TilePlace,
} from './tree.js';
export { runVerifier, verifyExport, type Evidence, type Verdict } from './verify.js';
