import kafkajs, { type Message } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readTopic } from '../../../test/support/topic.js';
import { until } from '../../../test/support/until.js';
import { kafkaClient } from './kafka-client.js';
import { pause } from './pause.js';
import { command, CommandsTopic, deployments, idsOf } from './testing/commands-topic.js';
import { harness, type Harness, type Sent } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('the inbox', () => {
  let h: Harness;
  let topic: CommandsTopic;
  beforeAll(async () => {
    h = await harness(brokers!);
    topic = new CommandsTopic(h);
  }, 60_000);
  afterEach(() => topic?.stop(), 20_000);
  afterAll(() => h?.end());

  it('gives each command one outcome, per key in the order of the offsets, and poison its place on the dead topic', async () => {
    const first = topic.start();
    await until(
      () => first.status().state === 'consuming',
      () => first.status(),
    );
    const targets = ['a', 'b', 'c', 'd', 'e'];
    const good = targets.map((target) => deployments(target, 40));
    const mixed = Array.from({ length: 40 }, (_, i) => good.map((each) => each[i]!)).flat();
    const poison: Sent[] = [
      { key: 'web-shop/a', value: Buffer.from([0xc3, 0x28, 0x00]), headers: headers({ constructor: 'x', h: 'y' }) },
      { value: '{}' },
      { key: 'web-shop/a' },
      { key: 'web-shop/b', value: command('FinishDeployment', 'a').value },
    ];
    const again = [mixed[3]!, mixed[77]!];
    const reused = command('FinishDeployment', 'a', { commandId: 'a-1', data: { version: 'another' } });
    await topic.send([...mixed.slice(0, 90), poison[0]!, poison[1]!, ...mixed.slice(90), ...again]);
    await topic.send([poison[2]!, poison[3]!, reused]);
    await topic.handled();

    expect(await topic.outcomes()).toHaveLength(mixed.length);
    for (const target of targets) {
      expect((await topic.outcomes(target)).map(({ commandId }) => commandId)).toEqual(idsOf(target, 40));
    }
    const letters = await readTopic(h.brokers, h.names.dead, (records) => records.length >= 5);
    expect(letters).toHaveLength(5);
    for (const sent of [...poison, reused]) {
      const letter = letters.find(({ key, value }) => same(value, bytes(sent.value)) && same(key, bytes(sent.key)));
      expect(letter?.headers['shiplog-topic']).toBe(h.names.commands);
      expect(letter?.headers['shiplog-reason']).toMatch(sent === reused ? /^idempotency_key_reused$/ : /^malformed: /);
    }
    const kept = letters.find(({ headers: found }) => Object.hasOwn(found, 'h'))?.headers;
    expect(kept).toMatchObject({ constructor: 'x', h: 'y' });
  }, 90_000);

  it('finds the outcomes there are when everything is delivered once more', async () => {
    const before = await topic.outcomes();
    const { position } = await h.store.head();
    await h.database.query('update command_offsets set next = 0 where topic = $1', [h.names.commands]);
    topic.start({ groupId: `${h.groupId}-again` });
    await topic.handled();
    expect(await topic.outcomes()).toEqual(before);
    expect((await h.store.head()).position).toBe(position);
  }, 60_000);

  it('makes an id of the place of a record that has none, so that it happens once', async () => {
    topic.start();
    await topic.send([
      command('CreateTarget', 'no-id'),
      command('FinishDeployment', 'no-id', { data: { version: '1' } }),
    ]);
    await topic.handled();
    const mine = await topic.outcomes('no-id');
    const place = new RegExp(`^shiplog:${h.names.commands}/\\d+/\\d+$`);
    expect(mine.map(({ commandId }) => commandId)).toEqual([
      expect.stringMatching(place),
      expect.stringMatching(place),
    ]);
    expect(mine.every(({ outcome }) => JSON.parse(outcome).outcome === 'accepted')).toBe(true);
  }, 60_000);

  it('loses, doubles and reorders nothing while consumers come and go', async () => {
    const joined = (inbox: ReturnType<CommandsTopic['start']>): Promise<unknown> =>
      until(
        () => inbox.status().partitions.length > 0,
        () => inbox.status(),
      );
    const targets = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
    const all = targets.map((target) => deployments(target, 90));
    const records = (from: number, to: number): Sent[] =>
      Array.from({ length: to - from }, (_, i) => all.map((each) => each[from + i]!)).flat();
    const one = topic.start();
    await topic.send(records(0, 30));
    await joined(topic.start());
    await topic.send(records(30, 60));
    await one.stop();
    await joined(topic.start());
    await topic.send(records(60, 90));
    await topic.handled();
    for (const target of targets) {
      expect((await topic.outcomes(target)).map(({ commandId }) => commandId)).toEqual(idsOf(target, 90));
    }
  }, 120_000);

  it('keeps who a payload claims to be under an opaque id, and is itself the actor', async () => {
    topic.start();
    const jane = { id: 'jane@example.org', name: 'Jane', kind: 'user' };
    await topic.send([command('CreateTarget', 'claimed', { commandId: 'claimed', actor: jane })]);
    await topic.handled();
    const [event] = await h.store.readStream('target:web-shop/claimed');
    expect(JSON.parse(event!.metadata).actor).toEqual({ id: 'kafka', kind: 'service' });
    const claimed = JSON.parse(event!.data).claimedBy.id;
    expect((await h.actors.namesOf([claimed])).get(claimed)).toEqual({ id: 'jane@example.org', name: 'Jane' });
    expect(JSON.stringify(event)).not.toMatch(/jane/i);
  }, 60_000);

  it('reads on over the markers of transactions, and never what was aborted', async () => {
    const inbox = topic.start();
    const producer = kafkaClient(h.kafka).producer({
      transactionalId: `${h.groupId}-tx`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const inTransaction = async (records: readonly Sent[], end: 'commit' | 'abort'): Promise<void> => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: h.names.commands, messages: records as unknown as Message[] });
      await transaction[end]();
    };
    const count = (wanted: number): Promise<unknown> =>
      until(
        async () => (await topic.outcomes('tx')).length >= wanted,
        () => inbox.status(),
      );
    const all = deployments('tx', 8);
    for (const each of all.slice(0, 4)) await inTransaction([each], 'commit');
    await count(4);
    await inTransaction([command('DeleteTarget', 'tx', { commandId: 'tx-aborted' })], 'abort');
    // The consumer gets to see the aborted records alone: an empty batch that kafkajs passes over without a word.
    await pause(500);
    await inTransaction(all.slice(4), 'commit');
    await producer.disconnect();
    await count(8);
    expect((await topic.outcomes('tx')).map(({ commandId }) => commandId)).toEqual(idsOf('tx', 8));
  }, 60_000);
});

const headers = (named: Record<string, string>): Map<Buffer, Buffer> =>
  new Map(Object.entries(named).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]));
const bytes = (of: Buffer | string | undefined): Buffer | null => (of === undefined ? null : Buffer.from(of));
const same = (a: Buffer | null, b: Buffer | null): boolean => (a === null || b === null ? a === b : a.equals(b));
