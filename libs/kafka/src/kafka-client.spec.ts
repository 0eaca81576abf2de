import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import './kafka-client.js';

type Codec = Readonly<{
  compress(encoder: Readonly<{ buffer: Buffer }>): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}>;

describe('gzip, as kafkajs uses it', () => {
  const codec = (kafkajs.CompressionCodecs as Record<number, () => Codec>)[kafkajs.CompressionTypes.GZIP]!();

  it('gives back what was packed', async () => {
    const buffer = Buffer.from('{"type":"FinishDeployment"}'.repeat(10_000));
    expect((await codec.decompress(await codec.compress({ buffer }))).equals(buffer)).toBe(true);
  });

  it('unpacks no batch that would fill the memory', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(codec.decompress(bomb)).rejects.toThrow('unpacks to more than 64 MB');
  });
});
