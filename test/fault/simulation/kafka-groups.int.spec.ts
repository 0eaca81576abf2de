import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.js';
import { resolved, type Reader } from './kafka/reader.js';
import { keyTo, newTopic, sides, Stage, typeOf, upTo } from './kafka/stage.js';

describe.each(sides)('$name', ({ open }) => {
  let stage: Stage;
  beforeAll(() => {
    stage = new Stage(open());
  });
  afterEach(() => stage.clear());
  afterAll(() => stage.side.end());

  describe('who reads alone', () => {
    it('begins with the first record that is left, for the group has no offsets', async () => {
      const topic = await stage.filled(6);
      await stage.side.removeBefore(topic, 0, 2);
      expect(await stage.given(stage.read(topic), 4)).toEqual(upTo(6, 2));
    }, 40_000);

    it('gets the records in their order, each batch behind what was resolved', async () => {
      const topic = await stage.filled(240, 12);
      const reader = stage.read(topic);
      expect(await stage.given(reader, 240)).toEqual(upTo(240));
      let next = 0;
      for (const { fetchedAt, first, last, high, offsets } of reader.batches) {
        expect({ fetchedAt, first, high, last }).toEqual({
          fetchedAt: next,
          first: next,
          high: 240,
          last: offsets.at(-1),
        });
        next = last + 1;
      }
    }, 40_000);

    it('gets one batch of a partition at a time, and nothing while there is nothing', async () => {
      const topic = await stage.filled(120, 6);
      let [underWay, most] = [0, 0];
      const reader = stage.read(topic, async (payload) => {
        most = Math.max(most, (underWay += 1));
        await sleep(20);
        underWay -= 1;
        await resolved(payload);
      });
      await stage.given(reader, 120);
      const { length } = reader.batches;
      await sleep(700);
      expect([most, reader.batches.length]).toEqual([1, length]);
    }, 40_000);

    it('gets again what was not resolved, from behind what was', async () => {
      const topic = await stage.filled(4);
      const reader = stage.read(topic, async (payload) => {
        if (reader.batches.length === 2) payload.resolveOffset('1');
        if (reader.batches.length > 2) await resolved(payload);
      });
      expect(await stage.given(reader, 10)).toEqual([...upTo(4), ...upTo(4), 2, 3]);
    }, 40_000);

    it('goes where it is sent, back and on, whatever is resolved meanwhile', async () => {
      const topic = await stage.filled(6);
      const reader = stage.read(topic, async (payload) => {
        if (reader.batches.length === 1) reader.session.seek(0, 4);
        if (reader.batches.length === 2) reader.session.seek(0, 1);
        await resolved(payload);
      });
      expect(await stage.given(reader, 13)).toEqual([...upTo(6), 4, 5, ...upTo(6, 1)]);
    }, 40_000);

    it('waits at the end for what comes there', async () => {
      const topic = await stage.filled(3);
      const reader = stage.read(topic);
      await stage.given(reader, 3);
      reader.session.seek(0, 3);
      await stage.sender(topic).send(topic, [{ value: 'v' }]);
      expect(await stage.given(reader, 4)).toEqual(upTo(4));
    }, 40_000);

    it.each([
      ['before the first record', 1],
      ['behind the end', 9],
    ])(
      'goes on with the first record that is left when it is sent %s',
      async (_, offset) => {
        const topic = await stage.filled(6);
        await stage.side.removeBefore(topic, 0, 3);
        const reader = stage.read(topic);
        await stage.given(reader, 3);
        reader.session.seek(0, offset);
        await stage.given(reader, 6);
        expect(reader.batches.map(({ fetchedAt, offsets }) => [fetchedAt, offsets])).toEqual([
          [3, upTo(6, 3)],
          [3, upTo(6, 3)],
        ]);
      },
      60_000,
    );

    it('gets nothing of a partition that is paused, and all of the others, until it goes on', async () => {
      const topic = await stage.made(2);
      const sender = stage.sender(topic, 2);
      const both = [0, 1].map((partition) => ({ key: keyTo(partition, 2), value: 'v' }));
      await sender.send(topic, both);
      const reader = stage.read(topic);
      await Promise.all([stage.given(reader, 1, 0), stage.given(reader, 1, 1)]);
      reader.session.pause(0);
      await sender.send(topic, both);
      expect(await stage.given(reader, 2, 1)).toEqual([0, 1]);
      await sleep(700);
      expect(reader.offsets(0)).toEqual([0]);
      reader.session.resume(0);
      expect(await stage.given(reader, 2, 0)).toEqual([0, 1]);
    }, 40_000);

    it('gets again what its handler failed at, and is over when that fails again and again', async () => {
      const topic = await stage.filled(2);
      const once = stage.read(topic, async (payload) => {
        if (once.batches.length === 1) throw new Error('It fails');
        await resolved(payload);
      });
      expect(await stage.given(once, 4)).toEqual([0, 1, 0, 1]);
      expect(once.error).toBeUndefined();
      const ever = stage.read(topic, async () => Promise.reject(new Error('It fails')));
      await until(() => ever.error !== undefined);
      expect(String(ever.error)).toContain('It fails');
      expect(ever.batches.length).toBe(5);
    }, 40_000);

    it('is over when its topic is not there', async () => {
      const reader = stage.read(newTopic());
      await until(() => reader.error !== undefined);
      expect(typeOf(reader.error)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    }, 40_000);

    it('ends behind the batch that is under way', async () => {
      const topic = await stage.filled(2);
      let isDone = false;
      const reader = stage.read(topic, async (payload) => {
        await sleep(400);
        isDone = true;
        await resolved(payload);
      });
      await stage.given(reader, 2);
      await reader.stop();
      expect([isDone, reader.error, reader.batches.length]).toEqual([true, null, 1]);
    }, 40_000);

    it('waits for the batch that is under way when it fails, too', async () => {
      const topic = await stage.filled(2);
      let isDone = false;
      const reader = stage.read(topic, async () => {
        await sleep(400);
        isDone = true;
      });
      await stage.given(reader, 2);
      reader.session.fail(new Error('It fails'));
      await until(() => reader.error !== undefined);
      expect(isDone).toBe(true);
    }, 40_000);

    it('cannot be sent anywhere, paused or resumed before it runs, nor when it is over', async () => {
      const topic = await stage.filled(2);
      const reader = stage.reader(topic);
      const calls = [() => reader.session.seek(0, 1), () => reader.session.pause(0), () => reader.session.resume(0)];
      for (const call of calls) expect(call).toThrow('Consumer group was not initialized');
      reader.start();
      await stage.given(reader, 2);
      for (const call of calls) expect(call).not.toThrow();
      await reader.stop();
      for (const call of calls) expect(call).toThrow('Consumer group was not initialized');
    }, 40_000);
  });

  describe('who reads with others', () => {
    const all = (...those: Reader[]): number[] =>
      those.flatMap(({ assignments }) => assignments.at(-1) ?? []).toSorted((a, b) => a - b);

    it('shares the partitions with them, and gets those of one that leaves, from the first record on', async () => {
      const topic = await stage.made(3);
      const sender = stage.sender(topic, 3);
      await sender.send(
        topic,
        upTo(3).map((partition) => ({ key: keyTo(partition, 3), value: 'v' })),
      );
      const one = stage.read(topic);
      await stage.given(one, 1, 2);
      expect(one.assignments).toEqual([[0, 1, 2]]);
      const two = stage.read(topic, resolved, one.group);
      await until(() => two.assignments.length > 0 && one.assignments.length > 1);
      expect(all(one, two)).toEqual([0, 1, 2]);
      expect([one, two].map(({ assignments }) => assignments.at(-1)!.length).toSorted()).toEqual([1, 2]);
      one.batches.length = 0;
      await two.stop();
      await until(() => one.assignments.length > 2);
      expect(one.assignments.at(-1)).toEqual([0, 1, 2]);
      // What it had anyway comes twice, where it read that anew before the other one left.
      const given = await Promise.all(upTo(3).map((partition) => stage.given(one, 1, partition)));
      expect(given.map((offsets) => [...new Set(offsets)])).toEqual([[0], [0], [0]]);
    }, 40_000);

    it('learns by its heartbeat that somebody joins, who is given nothing before its batches are over', async () => {
      const topic = await stage.filled(1);
      let [told, atItsEnd]: unknown[] = [];
      let two: Reader | undefined;
      const one = stage.read(topic, async (payload) => {
        if (told) return resolved(payload);
        const beat = () => payload.heartbeat().catch((error: unknown) => void (told = error));
        while (!told) await Promise.all([sleep(100), beat()]);
        await sleep(500);
        atItsEnd = [one.assignments, two?.assignments].map((assignments) => assignments?.length);
        throw told as Error;
      });
      await stage.given(one, 1);
      two = stage.read(topic, resolved, one.group);
      await until(() => one.assignments.length > 1 && two!.assignments.length > 0);
      expect(typeOf(told)).toBe('REBALANCE_IN_PROGRESS');
      expect(atItsEnd).toEqual([1, 0]);
      expect(all(one, two)).toEqual([0]);
      expect(one.error).toBeUndefined();
    }, 40_000);

    it('gets the partitions of one that gives no sign of life', async () => {
      const topic = await stage.filled(1);
      let goOn = (): void => undefined;
      const silent = stage.read(topic, () => new Promise((resolve) => (goOn = resolve)));
      await stage.given(silent, 1);
      const other = stage.read(topic, resolved, silent.group);
      await stage.given(other, 1);
      expect(other.assignments.at(-1)).toEqual([0]);
      goOn();
    }, 40_000);
  });
});
