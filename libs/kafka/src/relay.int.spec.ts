import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { fromEpochMillis, streamOf, type TargetCommand } from '#domain';
import type { EventRange, Queryable, StoredEvent } from '#event-store';
import { readTopic, type TopicRecord } from '../../../test/support/topic.js';
import { until } from '../../../test/support/until.js';
import { kafkaClient } from './kafka-client.js';
import type { PublisherParts } from './publisher.js';
import { Relay } from './relay.js';
import { harness, type Harness } from './testing/harness.js';
import { createTopics } from './topics.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('the relay', () => {
  let h: Harness;
  const running: Relay[] = [];
  beforeAll(async () => {
    h = await harness(brokers!);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((relay) => relay.stop()));
  }, 20_000);
  afterAll(() => h?.end());

  const relay = (more: Partial<PublisherParts> = {}): Relay => {
    const parts = { kafka: kafkaClient(h.kafka), topics: h.topics(), database: h.database, log: h.log, ...more };
    const made = new Relay(h.store, h.names, parts);
    running.push(made);
    made.start();
    return made;
  };
  const submit = (type: TargetCommand['type'], target: string, data: object = {}): Promise<unknown> =>
    h.queue.submit({
      stream: streamOf('web-shop', target),
      commandId: randomUUID(),
      fingerprint: new Uint8Array(32),
      command: { type, project: 'web-shop', target, data } as TargetCommand,
      context: { actor: { id: 'ci', kind: 'service' }, occurredAt: fromEpochMillis(Date.now()) },
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
  const deploy = async (targets: readonly string[], count: number): Promise<void> => {
    await Promise.all(targets.map((target) => submit('CreateTarget', target)));
    for (let i = 0; i < count; i += 1) {
      await Promise.all(targets.map((target) => submit('FinishDeployment', target, { version: `1.${i}` })));
    }
  };
  const events = (): Promise<StoredEvent[]> => h.store.readAll(0, 100_000);
  const published = async (): Promise<TopicRecord[]> => {
    const ids = new Set((await events()).map(({ position }) => position));
    return readTopic(h.brokers, h.names.events, (records) => {
      const seen = new Set(records.map(sequence));
      return [...ids].every((position) => seen.has(position));
    });
  };
  const sequence = ({ headers }: TopicRecord): number => Number(headers['ce_sequence']);

  /** K1 to K4 and K10: complete, no ghosts, in order, never with a gap, duplicates equal. */
  const expectTheLog = async (records: readonly TopicRecord[]): Promise<void> => {
    const log = new Map((await events()).map((event) => [event.position, event]));
    const reached = new Map<string, number>();
    const partitionOf = new Map<string, number>();
    for (const record of [...records].sort((a, b) => a.partition - b.partition || a.offset - b.offset)) {
      const key = String(record.key);
      const event = log.get(sequence(record));
      expect(record.value?.toString()).toBe(event?.data);
      expect(`target:${key}`).toBe(event?.stream);
      expect(event!.version).toBeLessThanOrEqual(1 + (reached.get(key) ?? 0));
      reached.set(key, Math.max(event!.version, reached.get(key) ?? 0));
      expect(partitionOf.get(key) ?? record.partition).toBe(record.partition);
      partitionOf.set(key, record.partition);
    }
    expect(new Set(records.map(sequence)).size).toBe(log.size);
  };

  it('publishes every event as a CloudEvent whose value is the stored data, and every outcome', async () => {
    const first = relay();
    await deploy(['a', 'b', 'c'], 20);
    const rejected = randomUUID();
    await h.queue.submit({
      stream: streamOf('web-shop', 'nowhere'),
      commandId: rejected,
      fingerprint: new Uint8Array(32),
      command: { type: 'FinishDeployment', project: 'web-shop', target: 'nowhere', data: { version: '1' } },
      context: { actor: { id: 'ci', kind: 'service' }, occurredAt: fromEpochMillis(Date.now()) },
    });
    const records = await published();
    await expectTheLog(records);
    const { storeId, seq } = await h.store.head();
    const [created] = await h.store.readAll(0, 1);
    expect(records.find((record) => sequence(record) === 1)?.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_id: `${storeId}/1`,
      ce_type: 'io.shiplog.target.created.v1',
      ce_sequence: '0000000000000000001',
      ce_streamversion: '1',
      ce_actorid: 'ci',
      ce_actorkind: 'service',
      ce_causationid: created!.commandId,
      ce_correlationid: '0af7651916cd43dd8448eb211c80319c',
      'content-type': 'application/json',
    });
    const outcomes = await readTopic(h.brokers, h.names.outcomes, (found) => new Set(found.map(sequence)).size >= seq);
    expect(outcomes).toHaveLength(seq);
    const values = outcomes.map(({ value }) => JSON.parse(String(value)));
    expect(values.find(({ commandId }) => commandId === rejected)).toMatchObject({
      outcome: 'rejected',
      code: 'target_not_found',
      events: [],
      position: 0,
      version: 0,
    });
    expect(values.find(({ commandId }) => commandId === created!.commandId)).toMatchObject({
      outcome: 'accepted',
      events: [{ type: 'TargetCreated', version: 1, position: created!.position }],
    });
    await until(
      () => first.status().events.position === records.length,
      () => first.status(),
    );
    expect(first.status().events).toMatchObject({ state: 'publishing', lag: 0, reason: null });
  }, 60_000);

  it('goes on where it was after a stop', async () => {
    const before = (await h.store.head()).position;
    await deploy(['d'], 5);
    relay();
    const records = await published();
    await expectTheLog(records);
    expect(records.filter((record) => sequence(record) <= before)).toHaveLength(before);
  }, 60_000);

  it('is taken over from a holder that stalls, and the holder does no harm when it wakes', async () => {
    let stalled = false;
    let wake = (): void => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const database: Queryable = {
      query: async (text, values) => {
        if (stalled) await asleep;
        return h.database.query(text, values);
      },
    };
    const holder = relay({ database, leaseMs: 1_500 });
    await until(
      () => holder.status().events.state === 'publishing',
      () => holder.status(),
    );
    const rival = relay({ leaseMs: 1_500 });
    await until(
      () => rival.status().events.state === 'standby',
      () => rival.status(),
    );
    stalled = true;
    const since = performance.now();
    const more = deploy(['e', 'f'], 30);
    await until(
      () => rival.status().events.state === 'publishing',
      () => rival.status(),
    );
    expect(performance.now() - since).toBeLessThan(1_500 + 1_000 + 500);
    await more;
    stalled = false;
    wake();
    await until(
      () => holder.status().events.state === 'standby',
      () => holder.status(),
    );
    await deploy(['g'], 5);
    await expectTheLog(await published());
  }, 60_000);

  it('sends less at once where the topic takes no more, and says which event it takes not at all', async () => {
    const admin = kafkaClient(h.kafka).admin();
    await admin.connect();
    const take = (bytes: number): Promise<unknown> =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          { type: 2, name: h.names.events, configEntries: [{ name: 'max.message.bytes', value: String(bytes) }] },
        ],
      });
    const noise = (bytes: number): string => randomBytes(bytes).toString('base64');
    await take(6_000);
    await submit('CreateTarget', 'large');
    for (let i = 0; i < 8; i += 1)
      await submit('FinishDeployment', 'large', { version: `1.${i}`, description: noise(1_500) });
    const bounded = relay();
    await expectTheLog(await published());
    await submit('FinishDeployment', 'large', { version: '2', description: noise(9_000) });
    const { position } = await h.store.head();
    await until(
      () => bounded.status().events.reason?.includes('is larger than') ?? false,
      () => bounded.status(),
    );
    expect(bounded.status().events.reason).toMatch(
      new RegExp(`^Position ${position - 1}|^Position ${position} is larger`),
    );
    await take(1_000_000);
    await expectTheLog(await published());
    await admin.disconnect();
  }, 60_000);

  it('publishes again what a broker lost that it had acknowledged', async () => {
    const admin = kafkaClient(h.kafka).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [h.names.events] });
    await until(async () => !(await admin.listTopics()).includes(h.names.events));
    await admin.disconnect();
    const again = relay();
    const records = await published();
    await expectTheLog(records);
    expect(again.status().events.state).toBe('publishing');
  }, 90_000);

  it('halts when the topic comes back with another number of partitions', async () => {
    const admin = kafkaClient(h.kafka).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [h.names.outcomes] });
    await until(async () => !(await admin.listTopics()).includes(h.names.outcomes));
    await createTopics(admin, [{ topic: h.names.outcomes, numPartitions: 6 }]);
    await admin.disconnect();
    const halted = relay();
    await until(
      () => halted.status().outcomes.state === 'halted',
      () => halted.status(),
    );
    expect(halted.status().outcomes.reason).toContain('has 6 partitions and had 12');
    expect(halted.status().events.state).not.toBe('halted');
  }, 60_000);

  it('halts when the log ends before what was published', async () => {
    const shorter = {
      readRange: (range: EventRange) => h.store.readRange(range),
      readOutcomes: (after: number, limit: number) => h.store.readOutcomes(after, limit),
      onAppend: () => () => undefined,
      head: async () => ({ ...(await h.store.head()), position: 1 }),
    };
    const made = new Relay(shorter, h.names, {
      kafka: kafkaClient(h.kafka),
      topics: h.topics(),
      database: h.database,
      log: h.log,
    });
    running.push(made);
    made.start();
    await until(
      () => made.status().events.state === 'halted',
      () => made.status(),
    );
    expect(made.status().events.reason).toContain('the log ends at 1');
  }, 60_000);

  it('keeps trying where no broker answers, and stops at once when asked to', async () => {
    const alone = relay({ topics: { ready: () => Promise.reject(new Error('no broker')) } as never });
    await until(
      () => alone.status().events.failures >= 2,
      () => alone.status(),
    );
    expect(alone.status().events).toMatchObject({ state: 'retrying', reason: 'no broker' });
    await alone.stop();
    expect(alone.status().events.state).toBe('stopped');
  }, 30_000);
});
