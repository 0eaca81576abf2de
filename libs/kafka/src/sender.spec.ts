import { describe, expect, it } from '@jest/globals';
import type { Kafka, Message, ProducerRecord } from 'kafkajs';
import { Sender } from './sender.js';
import { onTheWire } from './testing/on-the-wire.js';

/** A broker that answers as told, and remembers which producer sent what. */
const broker = (answers: (() => Promise<void>)[], partitions = 2) => {
  const log: string[] = [];
  let producers = 0;
  const producer = (options: { createPartitioner: () => (args: object) => number }) => {
    const name = `p${(producers += 1)}`;
    return {
      connect: async () => void log.push(`${name} connects`),
      disconnect: async () => void log.push(`${name} disconnects`),
      send: async ({ topic, messages, ...settings }: ProducerRecord) => {
        const choose = options.createPartitioner();
        const partitionMetadata = Array.from({ length: partitions }, () => ({}));
        for (const message of messages) choose({ topic, partitionMetadata, message });
        const records = await onTheWire(messages, settings);
        log.push(`${name} sends ${records.map(({ value }) => String(value)).join()}`);
        await (answers.shift() ?? (async () => undefined))();
        return [...new Set(messages.map(({ partition }) => partition!))].map((partition) => ({
          partition,
          baseOffset: '7',
          topicName: topic,
          errorCode: 0,
        }));
      },
    };
  };
  return { kafka: { producer } as never as Kafka, log };
};
const messages = (...values: string[]): Message[] => values.map((value) => ({ key: 'same', value }));
const lost = async (): Promise<never> => {
  throw new Error('ack lost');
};

describe('sending', () => {
  it('throws a producer away after any error, and sends the same records again on a new one', async () => {
    const { kafka, log } = broker([lost]);
    const sender = new Sender(kafka, new Map([['t', 2]]));
    await expect(sender.send('t', messages('a', 'b'))).rejects.toThrow('ack lost');
    await sender.send('t', messages('a', 'b'));
    await sender.close();
    expect(log).toEqual([
      'p1 connects',
      'p1 sends a,b',
      'p1 disconnects',
      'p2 connects',
      'p2 sends a,b',
      'p2 disconnects',
    ]);
  });

  it('keeps a producer that works', async () => {
    const { kafka, log } = broker([]);
    const sender = new Sender(kafka, new Map([['t', 2]]));
    await sender.send('t', messages('a'));
    await sender.send('t', messages('b'));
    expect(log).toEqual(['p1 connects', 'p1 sends a', 'p1 sends b']);
  });

  it('never has two sends at once', async () => {
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const { kafka } = broker([() => answered]);
    const sender = new Sender(kafka, new Map([['t', 2]]));
    const first = sender.send('t', messages('a'));
    await expect(sender.send('t', messages('b'))).rejects.toThrow('Two sends at once');
    answer();
    await first;
    await sender.send('t', messages('b'));
  });

  it('says where the records lie, by partition', async () => {
    const { kafka } = broker([], 1);
    expect(await new Sender(kafka, new Map([['t', 1]])).send('t', messages('a', 'b', 'c'))).toEqual(
      new Map([[0, { base: 7, end: 10 }]]),
    );
  });

  it('halts when the topic has another number of partitions than it had', async () => {
    const { kafka } = broker([], 6);
    await expect(new Sender(kafka, new Map([['t', 12]])).send('t', messages('a'))).rejects.toThrow(
      'has 6 partitions and had 12',
    );
  });
});
