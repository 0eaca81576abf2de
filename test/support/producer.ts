import { Producer } from '@platformatic/kafka';
import './with-resolvers.js';

export type Command = Readonly<{ project: string; target: string }>;

/** Publishes commands under their targets' keys, with these headers, by a client that is not kafkajs; answers when all replicas have them. */
export const sendCommands = async (
  brokers: string,
  topic: string,
  commands: readonly Command[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const producer = new Producer({
    clientId: 'pipelines',
    bootstrapBrokers: brokers.split(','),
    autocreateTopics: false,
  });
  try {
    const messages = commands.map((command) => ({
      topic,
      key: Buffer.from(`${encodeURIComponent(command.project)}/${encodeURIComponent(command.target)}`),
      value: Buffer.from(JSON.stringify(command)),
      headers: new Map(Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)])),
    }));
    await producer.send({ messages, acks: -1 });
  } finally {
    await producer.close();
  }
};
