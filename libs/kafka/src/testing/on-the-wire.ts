import { createRequire } from 'node:module';
import type { Message, ProducerRecord } from 'kafkajs';

const require = createRequire(import.meta.url);
/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- kafkajs has no types for what is inside it. */
const inside = (path: string): any => require(`kafkajs/src/protocol/${path}`);

export type WireRecord = Readonly<{
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, Buffer | Buffer[]>>;
}>;

/** What kafkajs makes of messages of one partition, as whoever fetches them reads it. */
export async function onTheWire(
  messages: readonly Message[],
  { compression }: Pick<ProducerRecord, 'compression'> = {},
): Promise<WireRecord[]> {
  const record = inside('recordBatch/record/v0/index.js');
  const records = messages.map((message, offsetDelta) => record({ ...message, offsetDelta, timestampDelta: 0 }));
  const { RecordBatch } = inside('recordBatch/v0/index.js');
  const lastOffsetDelta = records.length - 1;
  const encoded = await RecordBatch({ compression, records, lastOffsetDelta, firstTimestamp: 0, maxTimestamp: 0 });
  const Decoder = inside('decoder.js');
  const decoded = await inside('recordBatch/v0/decoder.js')(new Decoder(encoded.buffer));
  return decoded.records;
}
