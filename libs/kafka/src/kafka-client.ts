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

/** What kafkajs calls an error is weather that it rides out, or that reaches our loops as an error and is told by them. */
function write(log: Logger, { namespace, log: { message, timestamp: _, logger: __, ...fields } }: LogEntry): void {
  log.debug(fields, `kafkajs ${namespace}: ${message}`);
}
