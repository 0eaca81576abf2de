import { promisify } from 'node:util';
import { gzip, unzip } from 'node:zlib';
import kafkajs, { type Kafka, type LogEntry } from 'kafkajs';
import type { Logger } from '#runtime';

export type KafkaOptions = Readonly<{
  brokers: readonly string[];
  topicPrefix: string;
  log: Logger;
  clientId?: string;
}>;

/** How long the number of partitions may have changed unseen, in milliseconds. */
export const METADATA_MAX_AGE_MS = 30_000;

/**
 * A client that has not connected yet. Give each consumer its own: kafkajs shares the offsets of a group among the
 * consumers of one client.
 */
export const kafkaClient = ({ brokers, log, clientId = 'shiplog' }: KafkaOptions): Kafka =>
  new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3_000,
    authenticationTimeout: 5_000,
    requestTimeout: 10_000,
    // The loops of this lib decide what an error means; kafkajs only rides out an election.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4 },
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => write(log, entry),
  });

/** What one batch may unpack to: a topic takes a megabyte as it comes, and JSON packs to a tenth. kafkajs has no such bound. */
const UNPACKED_BYTES = 64 * 1024 * 1024;

const [pack, unpack] = [promisify(gzip), promisify(unzip)];
const bounded = {
  compress: ({ buffer }: Readonly<{ buffer: Buffer }>): Promise<Buffer> => pack(buffer),
  decompress: async (buffer: Buffer): Promise<Buffer> => {
    try {
      return await unpack(buffer, { maxOutputLength: UNPACKED_BYTES });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw error;
      throw new Error('A batch unpacks to more than 64 MB: docs/guarantees.md says how to go on behind it.', {
        cause: error,
      });
    }
  },
};
Object.assign(kafkajs.CompressionCodecs, { [kafkajs.CompressionTypes.GZIP]: () => bounded });

/** What kafkajs calls an error is weather that it rides out, or that reaches our loops as an error and is told by them. */
function write(log: Logger, { namespace, log: { message, timestamp: _, logger: __, ...fields } }: LogEntry): void {
  log.debug(fields, `kafkajs ${namespace}: ${message}`);
}
