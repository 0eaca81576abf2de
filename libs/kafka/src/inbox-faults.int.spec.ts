import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { Unavailable, type Submission } from '#commands';
import type { Queryable } from '#event-store';
import { readTopic } from '../../../test/support/topic.js';
import { until } from '../../../test/support/until.js';
import type { Inbox } from './inbox.js';
import { kafkaClient } from './kafka-client.js';
import { command, CommandsTopic, deployments, idsOf } from './testing/commands-topic.js';
import { harness, type Harness } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('the inbox, when something is wrong', () => {
  let h: Harness;
  let topic: CommandsTopic;
  beforeAll(async () => {
    h = await harness(brokers!);
    topic = new CommandsTopic(h);
  }, 60_000);
  afterEach(() => topic?.stop(), 20_000);
  afterAll(() => h?.end());

  it('waits for a waist that is full and a database that is away, and keeps the order', async () => {
    const seen: string[] = [];
    let underWay = 0;
    let full = 0;
    let refused = 0;
    const queue = {
      get full(): boolean {
        if (underWay >= 4) full += 1;
        return underWay >= 4;
      },
      submit: (submission: Submission) => {
        if (underWay >= 4) return Promise.reject(new Unavailable(`full, ${(refused += 1)} times`));
        underWay += 1;
        seen.push(submission.commandId);
        return h.queue.submit(submission).finally(() => (underWay -= 1));
      },
    };
    let outages = 0;
    const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    const database: Queryable = {
      query: async (text, values) => {
        if (/command_offsets/.test(text) && (outages += 1) < 5) throw away;
        return h.database.query(text, values);
      },
    };
    const inbox = topic.start({ waist: { queue, actors: h.actors }, database });
    await until(
      () => inbox.status().state === 'consuming',
      () => inbox.status(),
    );
    await topic.send(deployments('waits', 30));
    await topic.handled();
    expect(seen).toEqual(idsOf('waits', 30));
    expect(inbox.status().deadLetters).toBe(0);
    expect(outages).toBeGreaterThan(4);
    expect(full).toBeGreaterThan(5);
    expect(refused).toBe(0);
  }, 60_000);

  it('moves no offset past a record that has no outcome yet', async () => {
    // A partition that is entered only now adds nothing to the sum.
    const offsets = async (): Promise<number> =>
      (await h.database.query('select sum(next)::integer as sum from command_offsets')).rows[0].sum;
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const arrived: string[] = [];
    const queue = {
      full: false,
      submit: async (submission: Submission) => {
        arrived.push(submission.commandId);
        if (submission.commandId === 'gate-2') await gate;
        return h.queue.submit(submission);
      },
    };
    const before = await offsets();
    const inbox = topic.start({ waist: { queue, actors: h.actors } });
    await topic.send(deployments('gate', 3));
    await until(() => arrived.includes('gate-2'));
    await until(async () => (await topic.outcomes('gate')).length === 2);
    expect(await offsets()).toBe(before);
    await until(() => inbox.status().reason !== null);
    expect(inbox.status().partitions.filter(({ state }) => state === 'waiting')).toMatchObject([
      { reason: expect.stringMatching(/^Partition \d+ waits for \d+ s: its commands have no outcome yet/), lag: 3 },
    ]);
    open();
    await topic.handled();
    expect(inbox.status().reason).toBeNull();
    expect(await offsets()).toBe(before + 3);
    expect((await topic.outcomes('gate')).map(({ commandId }) => commandId)).toEqual(idsOf('gate', 3));
  }, 60_000);

  it('sends a command that cannot be recorded to the dead topic, and goes on with the rest', async () => {
    const queue = {
      full: false,
      submit: (submission: Submission) =>
        submission.commandId === 'bad-3' ? Promise.reject(new Error('too long')) : h.queue.submit(submission),
    };
    topic.start({ waist: { queue, actors: h.actors } });
    await topic.send(deployments('bad', 6));
    await topic.handled();
    const written = (await topic.outcomes('bad')).map(({ commandId }) => commandId);
    expect(written).toEqual(['bad-0', 'bad-1', 'bad-2', 'bad-4', 'bad-5']);
    const [letter] = await readTopic(h.brokers, h.names.dead, (records) => records.length >= 1);
    expect(letter?.headers['shiplog-reason']).toBe('not_recordable: too long');
    expect(JSON.parse(String(letter?.value)).commandId).toBe('bad-3');
  }, 60_000);

  it('halts a partition whose next record the broker has removed, loudly, while the others go on', async () => {
    const high = await produceAndRemove();
    const inbox = topic.start();
    const halted = (): number => inbox.status().partitions.filter((each) => each.state === 'halted').length;
    await until(
      () => halted() > 0,
      () => inbox.status(),
    );
    expect(inbox.status().partitions).toHaveLength(12);
    expect(halted()).toBe(1);
    expect(inbox.status().reason).toContain('2 records are gone unread');
    await topic.send(deployments('bad', 8).slice(6));
    await until(async () => (await topic.outcomes('bad')).length === 7);
    expect(await topic.outcomes('waits')).toHaveLength(30);

    await h.database.query('update command_offsets set next = $3 where topic = $1 and partition = $2', [
      h.names.commands,
      high.partition,
      high.offset,
    ]);
    await topic.send([command('DeleteTarget', 'waits', { commandId: 'waits-again' })]);
    await until(async () => (await topic.outcomes('waits')).length === 31);
    expect((await topic.outcomes('waits')).map(({ commandId }) => commandId)).toEqual([
      ...idsOf('waits', 30),
      'waits-again',
    ]);
    expect(halted()).toBe(0);
  }, 90_000);

  it('says why a dead letter waits and what waits behind it, and posts it when the broker is back', async () => {
    const { inbox, setAway } = await startInReach();
    setAway(true);
    await topic.send([{ key: 'poison', value: 'no command' }]);
    await until(
      () => inbox.status().reason !== null,
      () => inbox.status(),
    );
    expect(inbox.status()).toMatchObject({ reason: expect.stringContaining('away for a moment'), lag: 1 });
    setAway(false);
    await until(
      () => inbox.status().lag === 0,
      () => inbox.status(),
    );
    expect(inbox.status()).toMatchObject({ state: 'consuming', reason: null, deadLetters: 1 });
  }, 60_000);

  it('stops while a dead letter waits for the broker', async () => {
    const { inbox, setAway } = await startInReach();
    setAway(true);
    await topic.send([{ key: 'poison', value: 'no command' }]);
    await until(
      () => inbox.status().reason !== null,
      () => inbox.status(),
    );
    await inbox.stop();
    expect(inbox.status()).toMatchObject({ state: 'stopped', deadLetters: 0 });
  }, 60_000);

  it('keeps trying where no broker answers, and stops at once when asked to', async () => {
    const topics = { ready: () => Promise.reject(new Error('no broker')) } as never;
    const inbox = topic.start({ topics });
    await until(
      () => inbox.status().restarts >= 2,
      () => inbox.status(),
    );
    expect(inbox.status()).toMatchObject({ state: 'retrying', reason: 'no broker' });
    await inbox.stop();
    expect(inbox.status().state).toBe('stopped');
  }, 30_000);

  it('stops at a batch that unpacks to more than there is room for, and says so, until an operator has moved the offset', async () => {
    await topic.send([command('CreateTarget', 'before', { commandId: 'before' })]);
    const inbox = topic.start();
    await topic.handled();
    const producer = kafkaClient(h.kafka).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    const [bomb] = await producer.send({
      topic: h.names.commands,
      compression: kafkajs.CompressionTypes.GZIP,
      messages: [{ partition: 3, value: Buffer.alloc(65 * 1024 * 1024) }],
    });
    await producer.disconnect();
    await until(
      () => inbox.status().reason?.includes('more than 64 MB'),
      () => inbox.status(),
    );
    await h.database.query('update command_offsets set next = $1 where topic = $2 and partition = 3', [
      Number(bomb!.baseOffset) + 1,
      h.names.commands,
    ]);
    await h.produce(h.names.commands, [command('CreateTarget', 'after', { commandId: 'after' })]);
    await until(
      async () => (await topic.outcomes('after')).length === 1,
      () => inbox.status(),
    );
    const both = [...(await topic.outcomes('before')), ...(await topic.outcomes('after'))];
    expect(both.map(({ commandId }) => commandId)).toEqual(['before', 'after']);
  }, 90_000);

  /** An inbox that consumes, and a switch that keeps it from its topics from then on. */
  async function startInReach(): Promise<{ inbox: Inbox; setAway: (away: boolean) => void }> {
    const topics = h.topics();
    let away = false;
    const inbox = topic.start({
      topics: {
        ready: () => (away ? Promise.reject(new Error('away for a moment')) : topics.ready()),
        remember: (name: string, storeId: string) => topics.remember(name, storeId),
      } as never,
    });
    await until(
      () => inbox.status().state === 'consuming',
      () => inbox.status(),
    );
    return { inbox, setAway: (now) => void (away = now) };
  }

  /** Two more commands for a target whose partition then has them no more, and nothing has read them. */
  async function produceAndRemove(): Promise<{ partition: number; offset: number }> {
    const admin = kafkaClient(h.kafka).admin();
    await admin.connect();
    const before = new Map(
      (await admin.fetchTopicOffsets(h.names.commands)).map((each) => [each.partition, each.high]),
    );
    await topic.send([command('DeleteTarget', 'waits'), command('CreateTarget', 'waits')]);
    const after = await admin.fetchTopicOffsets(h.names.commands);
    const { partition, high: offset } = after.find((each) => each.high !== before.get(each.partition))!;
    await admin.deleteTopicRecords({ topic: h.names.commands, partitions: [{ partition, offset }] });
    await admin.disconnect();
    return { partition, offset: Number(offset) };
  }
});
