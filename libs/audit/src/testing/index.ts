export { judged, proofOf, rewrittenLog, tilesOf, type Given } from './judged.js';
export { lineAt, pemOf, sealedLog, storedBytesOf, type SealedLine, type SealedLog } from './sealed-log.js';
