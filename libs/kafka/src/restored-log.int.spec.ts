import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandQueue } from '#commands';
import { fromEpochMillis, streamOf } from '#domain';
import { EventStore, inTransaction } from '#event-store';
import { newId } from '#runtime';
import { until } from '../../../test/support/until.js';
import { kafkaClient } from './kafka-client.js';
import { Relay } from './relay.js';
import { harness, type Harness } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('a log that was restored from before its end was published', () => {
  let h: Harness;
  beforeAll(async () => {
    h = await harness(brokers!);
  }, 60_000);
  afterAll(() => h?.end());

  const relayOf = (store: EventStore): Relay => {
    const { database, log } = h;
    const made = new Relay(store, h.names, { kafka: kafkaClient(h.kafka), topics: h.topics(), database, log });
    made.start();
    return made;
  };
  const create = (queue: CommandQueue, target: string): Promise<unknown> =>
    queue.submit({
      stream: streamOf('web-shop', target),
      commandId: randomUUID(),
      fingerprint: new Uint8Array(32),
      command: { type: 'CreateTarget', project: 'web-shop', target, data: {} },
      context: { actor: { id: 'ci', kind: 'service' }, occurredAt: fromEpochMillis(Date.now()) },
    });
  const publishAll = async (store: EventStore): Promise<void> => {
    const relay = relayOf(store);
    const { position, seq } = await store.head();
    await until(
      () => relay.status().events.position >= position && relay.status().outcomes.position >= seq,
      () => relay.status(),
    );
    await relay.stop();
  };
  /** As a backup of this moment would bring it back; what comes until then concerns one target more. */
  const backup = async (target: string): Promise<() => Promise<void>> => {
    const tables = ['log', 'checkpoints', 'topic_ends', 'leases'];
    const rows = await Promise.all(tables.map((table) => h.database.query(`select to_json(t) as row from ${table} t`)));
    return () =>
      inTransaction(h.database, async (tx) => {
        await tx.query('set local session_replication_role = replica');
        for (const table of ['events', 'commands', 'streams'])
          await tx.query(`delete from ${table} where stream = $1`, [streamOf('web-shop', target)]);
        for (const [i, table] of tables.entries()) {
          await tx.query(`delete from ${table}`);
          for (const { row } of rows[i]!.rows)
            await tx.query(`insert into ${table} select * from json_populate_record(null::${table}, $1)`, [row]);
        }
      });
  };

  it('is not published behind what it does not have any more, also when it has grown again', async () => {
    await create(h.queue, 'kept');
    await publishAll(h.store);
    const restore = await backup('lost');
    await create(h.queue, 'lost');
    await publishAll(h.store);
    await restore();

    const connectionString = (h.database.options as { connectionString: string }).connectionString;
    const store = await EventStore.open({ connectionString });
    await create(new CommandQueue({ store, newId, log: h.log }), 'another');
    const relay = relayOf(store);
    await until(
      () => relay.status().events.state === 'halted' && relay.status().outcomes.state === 'halted',
      () => relay.status(),
    );
    expect(relay.status().events.reason).toContain('ends with position 2, which the log has not');
    await relay.stop();
    await store.close();
  }, 120_000);
});
