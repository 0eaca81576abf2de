import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { Halted } from '#kafka';
import { headersBefore, isTooLarge } from '#kafka/testing';
import { until } from '../../support/until.js';
import { failureOf, keyTo, newTopic, sides, Stage, typeOf, upTo } from './kafka/stage.js';

describe.each(sides)('$name', ({ open }) => {
  let stage: Stage;
  beforeAll(() => {
    stage = new Stage(open());
  });
  afterEach(() => stage.clear());
  afterAll(() => stage.side.end());

  describe('what is sent', () => {
    it('gets the offsets that follow in its partition, and the sender is told them', async () => {
      const topic = await stage.made(2);
      const sender = stage.sender(topic, 2);
      const to = (partition: number): Message => ({ key: keyTo(partition, 2), value: 'v' });
      expect(await sender.send(topic, [to(0), to(1), to(0)])).toEqual(
        new Map([
          [0, { base: 0, end: 2 }],
          [1, { base: 0, end: 1 }],
        ]),
      );
      expect(await sender.send(topic, [to(1)])).toEqual(new Map([[1, { base: 1, end: 2 }]]));
      expect(await stage.sender(topic, 2).send(topic, [to(0)])).toEqual(new Map([[0, { base: 2, end: 3 }]]));
      expect(await stage.marks(topic)).toEqual({ 0: { low: 0, high: 3 }, 1: { low: 0, high: 2 } });
    }, 40_000);

    it('is read as it was sent, by the time of the broker', async () => {
      const topic = await stage.made();
      const headers = { text: 'Grüße', none: '', many: ['1', '2', '3'], bytes: Buffer.from([0, 255]) };
      const messages: Message[] = [
        { key: 'k', value: 'v', headers },
        { key: Buffer.from([0, 128, 255]), value: Buffer.from([255, 0]) },
        { key: 'k', value: null },
        { value: '' },
      ];
      const before = Date.now();
      await stage.sender(topic).send(topic, messages);
      const after = Date.now();
      const reader = stage.read(topic);
      await stage.given(reader, 4);
      const bytes = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.map((each) => Buffer.from(each)) : Buffer.from(value),
        ]),
      );
      expect(reader.messages.map(({ key, value, headers: found }) => ({ key, value, headers: found }))).toEqual([
        { key: Buffer.from('k'), value: Buffer.from('v'), headers: bytes },
        { key: Buffer.from([0, 128, 255]), value: Buffer.from([255, 0]), headers: {} },
        { key: Buffer.from('k'), value: null, headers: {} },
        { key: null, value: Buffer.from(''), headers: {} },
      ]);
      for (const { timestamp } of reader.messages) {
        expect(Number(timestamp)).toBeGreaterThanOrEqual(before);
        expect(Number(timestamp)).toBeLessThanOrEqual(after);
      }
    }, 40_000);

    it('is refused while the topic is not there, and taken from then on', async () => {
      const topic = newTopic();
      const sender = stage.sender(topic);
      const error = await failureOf(sender.send(topic, [{ value: 'v' }]));
      expect(error).not.toBeInstanceOf(Halted);
      expect(typeOf(error)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
      await stage.side.make(topic, 1);
      expect(await sender.send(topic, [{ value: 'v' }])).toEqual(new Map([[0, { base: 0, end: 1 }]]));
    }, 40_000);

    it('is not sent where the topic has other partitions than it had', async () => {
      const topic = await stage.made(2);
      const error = await failureOf(stage.sender(topic, 3).send(topic, [{ value: 'v' }]));
      expect(error).toBeInstanceOf(Halted);
      expect(await stage.marks(topic)).toEqual({ 0: { low: 0, high: 0 }, 1: { low: 0, high: 0 } });
    }, 40_000);

    it('is refused where a partition gets more than the topic takes, and the others take theirs', async () => {
      const topic = await stage.made(2);
      const large = { key: keyTo(0, 2), value: randomBytes(600_000) };
      const sender = stage.sender(topic, 2);
      const error = await failureOf(sender.send(topic, [large, large, { key: keyTo(1, 2), value: 'v' }]));
      expect(isTooLarge(error)).toBe(true);
      expect(await stage.marks(topic)).toEqual({ 0: { low: 0, high: 0 }, 1: { low: 0, high: 1 } });
      expect(await sender.send(topic, [large])).toEqual(new Map([[0, { base: 0, end: 1 }]]));
    }, 40_000);
  });

  describe('what the marks say', () => {
    it('moves with what is sent and removed, and offsets go on where nothing is left', async () => {
      const topic = await stage.filled(5);
      await stage.side.removeBefore(topic, 0, 3);
      expect(await stage.marks(topic)).toEqual({ 0: { low: 3, high: 5 } });
      await stage.side.removeBefore(topic, 0, 5);
      expect(await stage.marks(topic)).toEqual({ 0: { low: 5, high: 5 } });
      expect(await stage.sender(topic).send(topic, [{ value: 'v' }])).toEqual(new Map([[0, { base: 5, end: 6 }]]));
      expect(await stage.marks(topic)).toEqual({ 0: { low: 5, high: 6 } });
    }, 40_000);

    it('is nothing for a topic that is not there', async () => {
      const error = await failureOf(stage.marks(newTopic()));
      expect(typeOf(error)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    }, 40_000);
  });

  describe('who looks for the record before an offset', () => {
    it('finds its headers in each partition', async () => {
      const topic = await stage.made(3);
      const sender = stage.sender(topic, 3);
      for (const n of upTo(3))
        await sender.send(
          topic,
          upTo(3).map((partition) => ({ key: keyTo(partition, 3), value: 'v', headers: { n: `${n}` } })),
        );
      const found = await headersBefore(
        stage.side.client(),
        topic,
        new Map([
          [0, 1],
          [2, 3],
        ]),
      );
      expect(found).toEqual(
        new Map([
          [0, { n: Buffer.from('0') }],
          [2, { n: Buffer.from('2') }],
        ]),
      );
    }, 40_000);

    it('finds none where retention took it, and waits for nothing', async () => {
      const topic = await stage.filled(4);
      await stage.side.removeBefore(topic, 0, 4);
      expect(await headersBefore(stage.side.client(), topic, new Map([[0, 2]]), 2_000)).toEqual(new Map());
    }, 40_000);

    it('begins at the end where it is not sent anywhere', async () => {
      const topic = await stage.filled(2);
      const consumer = stage.side.client().consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 });
      const offsets: string[] = [];
      let fetches = 0;
      consumer.on(consumer.events.FETCH, () => void (fetches += 1));
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: false });
      await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => void offsets.push(message.offset) });
      await until(() => fetches > 1);
      await stage.sender(topic).send(topic, [{ value: 'v' }]);
      await until(() => offsets.length > 0);
      await consumer.disconnect();
      expect(offsets).toEqual(['2']);
    }, 40_000);
  });
});
