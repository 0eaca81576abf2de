export { judged, proofOf, rewrittenLog, type Given } from './judged.js';
export { lineAt, pemOf, sealedLog, storedBytesOf, type SealedLine, type SealedLog } from './sealed-log.js';
