import kafkajs, { type Message } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Submission } from '#commands';
import { Unavailable } from '#commands';
import type { Queryable, StoredOutcome } from '#event-store';
import { readTopic, type TopicRecord } from '../../../test/support/topic.js';
import { Inbox, type InboxParts } from './inbox.js';
import { kafkaClient } from './kafka-client.js';
import { pause } from './pause.js';
import { harness, until, type Harness, type Sent } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('the inbox', () => {
  let h: Harness;
  const running: Inbox[] = [];
  beforeAll(async () => {
    h = await harness(brokers!);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((inbox) => inbox.stop()));
  });
  afterAll(() => h?.end());

  const inbox = (more: Partial<InboxParts> = {}): Inbox => {
    const { kafka, groupId, queue, actors, store, database } = h;
    const rights = { projects: '*', trustActor: false } as const;
    const made = new Inbox({
      kafka,
      groupId,
      rights,
      waist: { queue, actors },
      store,
      database,
      topics: h.topics(),
      ...more,
    });
    running.push(made);
    made.start();
    return made;
  };
  const next = async (): Promise<number> => {
    const { rows } = await h.database.query(
      'select coalesce(sum(next), 0)::int as sum from command_offsets where topic = $1',
      [h.names.commands],
    );
    return rows[0].sum;
  };
  let produced = 0;
  const send = async (records: readonly Sent[]): Promise<void> => {
    await h.produce(h.names.commands, records);
    produced += records.length;
  };
  const handled = (): Promise<void> =>
    until(
      async () => (await next()) >= produced,
      () => running.map((each) => each.status()),
      60_000,
    );
  const outcomes = (): Promise<StoredOutcome[]> => h.store.readOutcomes(0, 100_000);
  const dead = (count: number): Promise<TopicRecord[]> =>
    readTopic(h.brokers, h.names.dead, (records) => records.length >= count);

  const key = (target: string): string => `web-shop/${target}`;
  const command = (type: string, target: string, more: object = {}): Sent => ({
    key: key(target),
    value: JSON.stringify({ type, project: 'web-shop', target, data: {}, ...more }),
  });
  const deployments = (target: string, count: number): Sent[] => [
    command('CreateTarget', target, { commandId: `${target}-0` }),
    ...Array.from({ length: count - 1 }, (_, i) =>
      command('FinishDeployment', target, { commandId: `${target}-${i + 1}`, data: { version: `1.${i}` } }),
    ),
  ];

  it('gives each command one outcome, per key in the order of the offsets, and poison its place on the dead topic', async () => {
    const first = inbox();
    await until(
      () => first.status().state === 'consuming',
      () => first.status(),
    );
    const targets = ['a', 'b', 'c', 'd', 'e'];
    const good = targets.map((target) => deployments(target, 40));
    const mixed = Array.from({ length: 40 }, (_, i) => good.map((each) => each[i]!)).flat();
    const poison: Sent[] = [
      {
        key: key('a'),
        value: Buffer.from([0xc3, 0x28, 0x00]),
        headers: new Map([
          [Buffer.from('constructor'), Buffer.from('x')],
          [Buffer.from('h'), Buffer.from([0xff])],
        ]),
      },
      { value: '{}' },
      { key: key('a') },
      { key: key('b'), value: '{"type":"FinishDeployment","project":"web-shop","target":"a","data":{}}' },
    ];
    const again = [mixed[3]!, mixed[77]!];
    const reused = command('FinishDeployment', 'a', { commandId: 'a-1', data: { version: 'another' } });
    await send([
      ...mixed.slice(0, 90),
      poison[0]!,
      poison[1]!,
      ...mixed.slice(90),
      ...again,
      poison[2]!,
      poison[3]!,
      reused,
    ]);
    await handled();

    const written = (await outcomes()).filter(({ commandId }) => !commandId.startsWith('shiplog:'));
    expect(written).toHaveLength(mixed.length);
    for (const target of targets) {
      const ids = written.filter(({ stream }) => stream === `target:${key(target)}`).map(({ commandId }) => commandId);
      expect(ids).toEqual(Array.from({ length: 40 }, (_, i) => `${target}-${i}`));
    }
    const letters = await dead(5);
    expect(letters).toHaveLength(5);
    for (const [i, { key: sentKey, value }] of [...poison, reused].entries()) {
      const bytes = (of: Buffer | string | undefined): Buffer | null => (of === undefined ? null : Buffer.from(of));
      const letter = letters.find((each) => same(each.value, bytes(value)) && same(each.key, bytes(sentKey)));
      expect(letter?.headers['shiplog-topic']).toBe(h.names.commands);
      expect(letter?.headers['shiplog-reason']).toMatch(i === 4 ? /^idempotency_key_reused$/ : /^malformed: /);
    }
    expect(letters.find(({ headers }) => Object.hasOwn(headers, 'constructor'))?.headers['constructor']).toBe('x');
  }, 90_000);

  it('finds the outcomes there are when everything is delivered once more', async () => {
    const before = await outcomes();
    const { position } = await h.store.head();
    await h.database.query('update command_offsets set next = 0 where topic = $1', [h.names.commands]);
    inbox({ groupId: `${h.groupId}-again` });
    await handled();
    expect(await outcomes()).toEqual(before);
    expect((await h.store.head()).position).toBe(position);
  }, 60_000);

  it('makes an id of the place of a record that has none, so that it happens once', async () => {
    inbox();
    await send([command('CreateTarget', 'no-id'), command('FinishDeployment', 'no-id', { data: { version: '1' } })]);
    await handled();
    const mine = (await outcomes()).filter(({ stream }) => stream === 'target:web-shop/no-id');
    expect(mine.map(({ commandId }) => commandId)).toEqual([
      expect.stringMatching(new RegExp(`^shiplog:${h.names.commands}/\\d+/\\d+$`)),
      expect.stringMatching(/^shiplog:/),
    ]);
    expect(mine.every(({ outcome }) => JSON.parse(outcome).outcome === 'accepted')).toBe(true);
  }, 60_000);

  it('loses, doubles and reorders nothing while consumers come and go', async () => {
    const ids = Array.from({ length: 600 }, (_, i) => i);
    const records = (from: number, to: number): Sent[] =>
      ids
        .slice(from, to)
        .map((i) => command('FinishDeployment', `r${i % 7}`, { commandId: `r-${i}`, data: { version: `1.${i}` } }));
    await send(Array.from({ length: 7 }, (_, i) => command('CreateTarget', `r${i}`, { commandId: `r${i}` })));
    const one = inbox();
    await send(records(0, 200));
    const two = inbox();
    await until(
      () => two.status().partitions.length > 0,
      () => two.status(),
    );
    await send(records(200, 400));
    await one.stop();
    const three = inbox();
    await until(
      () => three.status().partitions.length > 0,
      () => three.status(),
    );
    await send(records(400, 600));
    await handled();
    const written = (await outcomes()).filter(({ commandId }) => /^r-\d+$/.test(commandId));
    expect(written).toHaveLength(600);
    for (let target = 0; target < 7; target += 1) {
      const numbers = written
        .filter(({ stream }) => stream.endsWith(`/r${target}`))
        .map(({ commandId }) => Number(commandId.slice(2)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  }, 120_000);

  it('reads on over the markers of transactions, and never what was aborted', async () => {
    const patient = inbox();
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
    const mine = async (): Promise<string[]> =>
      (await outcomes()).filter(({ stream }) => stream.endsWith('/tx')).map(({ commandId }) => commandId);
    const [created, ...finished] = deployments('tx', 8);
    await inTransaction([created!], 'commit');
    for (const each of finished.slice(0, 3)) await inTransaction([each], 'commit');
    await until(
      async () => (await mine()).length >= 4,
      () => patient.status(),
    );
    await inTransaction([command('DeleteTarget', 'tx', { commandId: 'tx-aborted' })], 'abort');
    // The consumer gets to see the aborted records alone: an empty batch that kafkajs passes over without a word.
    await pause(500);
    await inTransaction(finished.slice(3), 'commit');
    await producer.disconnect();
    await until(
      async () => (await mine()).length >= 8,
      () => patient.status(),
    );
    expect(await mine()).toEqual(Array.from({ length: 8 }, (_, i) => `tx-${i}`));
    produced = await next();
  }, 60_000);

  it('waits for a waist and a database that are away, and keeps the order', async () => {
    const seen: string[] = [];
    let underWay = 0;
    let refused = 0;
    const queue = {
      submit: (submission: Submission) => {
        if (underWay >= 4) return Promise.reject(new Unavailable(`full for the ${(refused += 1)}th time`));
        underWay += 1;
        seen.push(submission.commandId);
        return h.queue.submit(submission).finally(() => (underWay -= 1));
      },
    };
    let outages = 0;
    const database: Queryable = {
      query: (text, values) => {
        if (/command_offsets/.test(text) && (outages += 1) < 5)
          return Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
        return h.database.query(text, values);
      },
    };
    await send(deployments('waits', 30));
    const patient = inbox({ waist: { queue, actors: h.actors }, database });
    await handled();
    expect(seen.filter((id) => id.startsWith('waits'))).toEqual(Array.from({ length: 30 }, (_, i) => `waits-${i}`));
    expect(patient.status().deadLetters).toBe(0);
    expect(outages).toBeGreaterThan(4);
    expect(refused).toBeGreaterThan(25);
  }, 60_000);

  it('sends a command that cannot be recorded to the dead topic, and goes on with the rest', async () => {
    const queue = {
      submit: (submission: Submission) =>
        submission.commandId === 'bad-3' ? Promise.reject(new Error('value too long')) : h.queue.submit(submission),
    };
    inbox({ waist: { queue, actors: h.actors } });
    await send(deployments('bad', 6));
    await handled();
    const written = (await outcomes()).filter(({ commandId }) => commandId.startsWith('bad-'));
    expect(written.map(({ commandId }) => commandId)).toEqual(['bad-0', 'bad-1', 'bad-2', 'bad-4', 'bad-5']);
    const letters = await readTopic(h.brokers, h.names.dead, (records) =>
      records.some(({ headers }) => /not_recordable/.test(headers['shiplog-reason'] ?? '')),
    );
    expect(
      letters.find(({ headers }) => headers['shiplog-reason'] === 'not_recordable: value too long')?.value?.toString(),
    ).toContain('bad-3');
  }, 60_000);

  it('keeps who a payload claims to be under an opaque id, and is itself the actor', async () => {
    inbox();
    await send([
      command('CreateTarget', 'claimed', {
        commandId: 'claimed',
        actor: { id: 'jane@example.org', name: 'Jane', kind: 'user' },
      }),
    ]);
    await handled();
    const [event] = await h.store.readStream('target:web-shop/claimed');
    expect(JSON.parse(event!.metadata).actor).toEqual({ id: 'kafka', kind: 'service' });
    const claimed = JSON.parse(event!.data).claimedBy.id;
    expect(claimed).not.toContain('jane');
    expect((await h.actors.namesOf([claimed])).get(claimed)).toEqual({ id: 'jane@example.org', name: 'Jane' });
    expect(JSON.stringify(event)).not.toContain('ane');
  }, 60_000);

  it('halts a partition whose next record the broker has removed, loudly, while the others go on', async () => {
    await send([
      command('CreateTarget', 'gone', { commandId: 'gone-0' }),
      command('DeleteTarget', 'gone', { commandId: 'gone-1' }),
    ]);
    const admin = kafkaClient(h.kafka).admin();
    await admin.connect();
    const marks = await admin.fetchTopicOffsets(h.names.commands);
    const kept = await h.database.query('select partition, next::int from command_offsets where topic = $1', [
      h.names.commands,
    ]);
    const { partition } = marks.find((mark) =>
      kept.rows.some((row) => row.partition === mark.partition && row.next < Number(mark.high)),
    )!;
    const { high } = marks.find((mark) => mark.partition === partition)!;
    await admin.deleteTopicRecords({ topic: h.names.commands, partitions: [{ partition, offset: high }] });
    await admin.disconnect();

    const halted = inbox();
    await until(
      () => halted.status().partitions.some((each) => each.halted !== null),
      () => halted.status(),
    );
    expect(halted.status().reason).toContain('are gone unread');
    await send(deployments('others', 3));
    const wrote = async (): Promise<boolean> => (await outcomes()).some(({ commandId }) => commandId === 'others-2');
    const othersElsewhere = halted.status().partitions.filter((each) => each.halted === null).length;
    expect(othersElsewhere).toBe(11);
    await h.database.query('update command_offsets set next = $3 where topic = $1 and partition = $2', [
      h.names.commands,
      partition,
      high,
    ]);
    await until(
      () => halted.status().partitions.every((each) => each.halted === null),
      () => halted.status(),
    );
    await until(wrote, () => halted.status());
    expect((await outcomes()).some(({ commandId }) => commandId.startsWith('gone-'))).toBe(false);
  }, 90_000);

  it('keeps trying where no broker answers, and stops at once when asked to', async () => {
    const alone = inbox({
      kafka: { ...h.kafka, brokers: ['127.0.0.1:1'] },
      topics: { ready: () => Promise.reject(new Error('no broker')) } as never,
    });
    await until(
      () => alone.status().restarts >= 2,
      () => alone.status(),
    );
    expect(alone.status()).toMatchObject({ state: 'retrying', reason: 'no broker' });
    await alone.stop();
    expect(alone.status().state).toBe('stopped');
  }, 30_000);
});

const same = (a: Buffer | null, b: Buffer | null): boolean => (a === null || b === null ? a === b : a.equals(b));
