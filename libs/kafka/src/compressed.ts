import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';

/** So little is done before another thread would have taken it up. */
const LITTLE = 16 * 1024;
/** Records repeat each other so much that the default saves little more, for three times the time. */
const FASTEST = { level: 1 };
/** Most of what it costs is the room for its output. */
const LITTLE_ROOM = { ...FASTEST, chunkSize: 4 * 1024 };
const onAnotherThread = promisify<Buffer, typeof FASTEST, Buffer>(gzip);

/** Gzip at its fastest, which any reader of gzip reads. */
export const compressed = async (bytes: Buffer): Promise<Buffer> =>
  bytes.length < LITTLE ? gzipSync(bytes, LITTLE_ROOM) : onAnotherThread(bytes, FASTEST);
