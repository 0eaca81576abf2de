export { lineAt, pemOf, sealedLog, storedBytesOf, type SealedLine } from './sealed-log.js';
