import { describe, expect, it } from '@jest/globals';
import type { StoredEvent } from '../types.js';
import { batchOf, decided, newEvent, newStream, stateAt, write } from './batches.js';
import type { ContractStore, StoreUnderTest } from './under-test.js';

const since = async (store: ContractStore, position: number): Promise<StoredEvent[]> => store.readAll(position, 1000);

/** What every store promises to writers. */
export const appending = (under: () => StoreUnderTest): void => {
  describe('positions', () => {
    it('count events without a gap, in order of arrival', async () => {
      const { store } = under();
      const { position: start } = await store.head();
      const [a, b] = [newStream(), newStream()];
      const { batch } = batchOf([a, decided(2)], [b, decided(1)], [a, decided(1)]);
      const { commands } = await store.append(batch);
      expect(commands).toEqual([
        { firstPosition: start + 1, position: start + 2 },
        { firstPosition: start + 3, position: start + 3 },
        { firstPosition: start + 4, position: start + 4 },
      ]);
      const events = await since(store, start);
      expect(events.map(({ position, stream, version }) => [position, stream, version])).toEqual([
        [start + 1, a.stream, 1],
        [start + 2, a.stream, 2],
        [start + 3, b.stream, 1],
        [start + 4, a.stream, 3],
      ]);
      expect((await store.head()).position).toBe(start + 4);
    });

    it('leave no gap where a stream did not pass', async () => {
      const { store, other } = under();
      const { position: start } = await store.head();
      const [moved, still] = [newStream(), newStream()];
      await write(other, moved, decided(1));
      const { batch } = batchOf([moved, decided(2)], [still, decided(1)], [moved, decided(1)], [still, decided(1)]);
      const { commands } = await store.append(batch);
      expect(commands).toEqual([
        undefined,
        { firstPosition: start + 2, position: start + 2 },
        undefined,
        { firstPosition: start + 3, position: start + 3 },
      ]);
      expect((await since(store, start)).map(({ stream }) => stream)).toEqual([
        moved.stream,
        still.stream,
        still.stream,
      ]);
    });

    it('are found by stream and version', async () => {
      const { store } = under();
      const { position: start } = await store.head();
      const { stream } = await write(store, newStream(), decided(2));
      const places = [
        { stream, version: 2 },
        { stream, version: 3 },
        { stream, version: 1 },
      ];
      expect(await store.positionsOf(places)).toEqual([start + 2, undefined, start + 1]);
    });
  });

  describe('an event', () => {
    it('keeps what was written, byte for byte', async () => {
      const { store } = under();
      const { position: start } = await store.head();
      const data = '{"b" : 1,\n "a":1.0e2, "a":"\\u00e9 é 😀 \\u0000", "big":12345678901234567890}';
      const event = newEvent({
        data,
        metadata: '{ "x":[] }',
        type: 'Ünusual',
        occurredAt: '0001-01-01T00:00:00.000000Z',
      });
      const command = decided([event, newEvent({ occurredAt: '9999-12-31T23:59:59.999999Z' })]);
      const { stream } = await write(store, newStream(), command);
      const [first, second] = await since(store, start);
      expect(first).toEqual({
        ...event,
        stream,
        version: 1,
        position: start + 1,
        commandId: command.commandId,
        recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      });
      expect(second?.occurredAt).toBe('9999-12-31T23:59:59.999999Z');
    });

    it('is recorded with its batch, and never before an earlier one', async () => {
      const { store, other } = under();
      const { position: start, now } = await store.head();
      const stream = await write(store, newStream(), decided(2));
      await write(other, stream, decided(1));
      const times = (await since(store, start)).map(({ recordedAt }) => recordedAt);
      expect(times).toEqual([...times].sort());
      expect(times[0]).toBe(times[1]);
      expect(times[0] && times[0] >= now).toBe(true);
      expect((await store.head()).recordedAt).toBe(times[2]);
    });
  });

  describe('a stream', () => {
    it('passes or fails whole', async () => {
      const { store, other } = under();
      const [a, b] = [newStream(), newStream()];
      const bThen = await write(other, b, decided(1));
      const { batch } = batchOf([a, decided(1)], [b, decided(2)], [b, decided(1)], [a, decided(1)]);
      const { commands, refused } = await store.append(batch);
      expect(commands.map((placed) => placed !== undefined)).toEqual([true, false, false, true]);
      expect([...refused.keys()]).toEqual([1]);
      expect(await store.readStream(a.stream)).toHaveLength(2);
      expect((await store.readStream(b.stream)).map(({ id }) => id)).toEqual([bThen.head]);
    });

    it('that did not pass comes back as it stands', async () => {
      const { store, other } = under();
      const stream = newStream();
      const there = await write(other, stream, decided(2));
      const { position } = await store.head();
      const { refused } = await store.append(batchOf([stream, decided(1)]).batch);
      expect(refused.get(0)).toEqual({
        snapshot: { stream: stream.stream, version: 2, position, head: there.head, state: stateAt(2), stateVersion: 2 },
        outcomes: [],
      });
    });

    it('that should exist and does not comes back as null', async () => {
      const { store } = under();
      const imagined = { ...newStream(), head: newEvent().id, version: 1 };
      const { refused } = await store.append(batchOf([imagined, decided(1)]).batch);
      expect(refused.get(0)).toEqual({ snapshot: null, outcomes: [] });
    });

    it('passes by its head: the same version reached by another event does not do', async () => {
      const { store, other } = under();
      const before = await write(store, newStream(), decided(1));
      const [mine] = batchOf([before, decided(1)]).after;
      await write(other, before, decided(1));
      if (!mine) throw new Error('unreachable');
      const { refused } = await store.append(batchOf([mine, decided(1)]).batch);
      expect(refused.get(0)?.snapshot?.version).toBe(mine.version);
    });

    it('can be written by a batch that was decided on what the one before it will leave', async () => {
      const { store } = under();
      const first = batchOf([newStream(), decided(1)]);
      const [then] = first.after;
      if (!then) throw new Error('unreachable');
      const results = await Promise.all([store.append(first.batch), store.append(batchOf([then, decided(1)]).batch)]);
      expect(results.map(({ refused }) => refused.size)).toEqual([0, 0]);
    });

    it('fails in the second batch when it failed in the first', async () => {
      const { store, other } = under();
      const stream = newStream();
      await write(other, stream, decided(1));
      const first = batchOf([stream, decided(1)]);
      const [then] = first.after;
      if (!then) throw new Error('unreachable');
      const results = await Promise.all([store.append(first.batch), store.append(batchOf([then, decided(1)]).batch)]);
      expect(results.map(({ refused }) => refused.size)).toEqual([1, 1]);
      expect(await store.readStream(stream.stream)).toHaveLength(1);
    });

    it('is loaded as its last writer left it, and not at all before there is one', async () => {
      const { store } = under();
      const [a, none] = [newStream(), newStream()];
      const then = await write(store, await write(store, a, decided(1)), decided(2));
      const loaded = await store.loadStreams([none.stream, a.stream]);
      const { position } = await store.head();
      expect([...loaded]).toEqual([
        [a.stream, { stream: a.stream, version: 3, position, head: then.head, state: stateAt(3), stateVersion: 3 }],
      ]);
    });

    it('is loaded only where it moved, for whoever says where he knows it to stand', async () => {
      const { store } = under();
      const [moved, stays, none] = [newStream(), newStream(), newStream()];
      const [then, same] = [await write(store, moved, decided(1)), await write(store, stays, decided(1))];
      const now = await write(store, then, decided(1));
      const loaded = await store.loadStreams(
        [moved, stays, none].map(({ stream }) => stream),
        [then.head, same.head, none.head],
      );
      expect([...loaded.values()]).toMatchObject([{ stream: moved.stream, version: 2, head: now.head }]);
    });

    it('is read in order of version, in any range', async () => {
      const { store } = under();
      const { stream } = await write(store, newStream(), decided(3), decided(2));
      const versions = async (range: Parameters<ContractStore['readStream']>[1]): Promise<number[]> =>
        (await store.readStream(stream, range)).map(({ version }) => version);
      expect(await versions({})).toEqual([1, 2, 3, 4, 5]);
      expect(await versions({ after: 1, upTo: 4 })).toEqual([2, 3, 4]);
      expect(await versions({ after: 1, limit: 2 })).toEqual([2, 3]);
    });
  });

  describe('a command id', () => {
    it('has one outcome: whoever comes second gets that one', async () => {
      const { store, other } = under();
      const stream = newStream();
      const command = decided(1, { outcome: '{"outcome" : "accepted"}' });
      const then = await write(other, stream, command);
      const again = batchOf([then, decided(1)], [then, decided(1, { commandId: command.commandId })]);
      const { commands, refused } = await store.append(again.batch);
      expect(commands).toEqual([undefined, undefined]);
      const [outcome] = await store.loadOutcomes([{ stream: stream.stream, commandId: command.commandId }]);
      expect(refused.get(0)?.outcomes).toEqual([outcome]);
      expect(refused.get(0)?.snapshot?.head).toBe(then.head);
      expect(outcome).toMatchObject({
        stream: stream.stream,
        commandId: command.commandId,
        outcome: '{"outcome" : "accepted"}',
        version: 1,
        position: (await store.head()).position,
      });
      expect(outcome && Buffer.from(outcome.fingerprint).equals(command.fingerprint)).toBe(true);
    });

    it('is of its stream only', async () => {
      const { store } = under();
      const command = decided(1);
      await write(store, newStream(), command);
      await expect(write(store, newStream(), decided(1, { commandId: command.commandId }))).resolves.toBeDefined();
    });

    it('twice in one batch is an error, and nothing is written', async () => {
      const { store } = under();
      const stream = newStream();
      const command = decided(1);
      const before = await store.head();
      await expect(
        store.append(batchOf([stream, command], [stream, { ...decided(1), commandId: command.commandId }]).batch),
      ).rejects.toThrow();
      expect(await store.head()).toMatchObject({ position: before.position, seq: before.seq });
      expect((await store.loadStreams([stream.stream])).size).toBe(0);
    });

    it('without an outcome is not found', async () => {
      const { store } = under();
      expect(await store.loadOutcomes([{ stream: 'none', commandId: 'none' }])).toEqual([undefined]);
    });
  });

  describe('an outcome without events', () => {
    it('is kept, and stands where its stream stands', async () => {
      const { store } = under();
      const { position: start } = await store.head();
      const stream = newStream();
      const { batch } = batchOf([stream, decided(0)], [stream, decided(2)], [stream, decided(0)]);
      const { commands } = await store.append(batch);
      expect(commands.map((placed) => placed?.position)).toEqual([0, start + 2, start + 2]);
      const ids = batch.commands.map(({ commandId }) => ({ stream: stream.stream, commandId }));
      const outcomes = await store.loadOutcomes(ids);
      expect(outcomes.map((outcome) => [outcome?.version, outcome?.position])).toEqual([
        [0, 0],
        [2, start + 2],
        [2, start + 2],
      ]);
    });

    it('makes no stream', async () => {
      const { store } = under();
      const stream = newStream();
      await write(store, stream, decided(0));
      expect((await store.loadStreams([stream.stream])).size).toBe(0);
      await expect(write(store, stream, decided(1))).resolves.toBeDefined();
    });

    it('was decided on a state too, and does not pass when that is past', async () => {
      const { store, other } = under();
      const none = newStream();
      const one = await write(other, none, decided(1));
      await write(other, one, decided(1));
      const { refused } = await store.append(
        batchOf([none, decided(0)], [await write(store, newStream(), decided(1)), decided(0)]).batch,
      );
      expect([...refused.keys()]).toEqual([0]);
      expect((await store.append(batchOf([one, decided(0)]).batch)).refused.size).toBe(1);
    });
  });
};
