import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { fromEpochMillis, streamOf, type TargetCommand } from '#domain';
import { currentOf, ProjectionRunner } from '#projections';
import { groupBy } from '#runtime';
import { readTopic, type TopicRecord } from '../../../test/support/topic.js';
import { until } from '../../../test/support/until.js';
import { CurrentAgain } from './current-again.js';
import { CurrentPublisher } from './current-publisher.js';
import { kafkaClient } from './kafka-client.js';
import { harness, type Harness } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;

withKafka('what is current, on the compacted topic', () => {
  let h: Harness;
  let projector: ProjectionRunner;
  const running: CurrentPublisher[] = [];
  beforeAll(async () => {
    h = await harness(brokers!);
    projector = new ProjectionRunner({ store: h.store, pool: h.database, log: h.log });
    await projector.start();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((publisher) => publisher.stop()));
  }, 20_000);
  afterAll(async () => {
    await projector?.stop();
    await h?.end();
  });

  const publisher = (): CurrentPublisher => {
    const view = {
      reaches: (position: number, timeoutMs: number) => projector.waitForPosition(['current'], position, timeoutMs),
      currentOf: (streams: readonly string[]) => currentOf(h.database, streams),
    };
    const parts = { kafka: kafkaClient(h.kafka), topics: h.topics(), database: h.database, log: h.log };
    const made = new CurrentPublisher(h.store, view, h.names.current, parts);
    running.push(made);
    made.start();
    return made;
  };
  const send = async (type: TargetCommand['type'], target: string, data: object = {}): Promise<void> => {
    const { outcome } = await h.queue.submit({
      stream: streamOf('web-shop', target),
      commandId: randomUUID(),
      fingerprint: new Uint8Array(32),
      command: { type, project: 'web-shop', target, data } as TargetCommand,
      context: { actor: { id: 'o-paque', kind: 'user' }, occurredAt: fromEpochMillis(Date.now()) },
    });
    expect(outcome.outcome).toBe('accepted');
  };
  const caughtUp = async (made: CurrentPublisher): Promise<void> => {
    const { position } = await h.store.head();
    await until(
      () => made.status().position >= position,
      () => made.status(),
    );
  };
  /** What a reader of the whole topic ends with: the last record of each key. */
  const table = async (count: number): Promise<{ records: TopicRecord[]; last: Map<string, TopicRecord> }> => {
    const records = await readTopic(h.brokers, h.names.current, (found) => found.length >= count);
    const inOrder = [...records].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
    return { records, last: new Map(inOrder.map((record) => [String(record.key), record])) };
  };

  it('has the deployment that is current on each target, and a tombstone where nothing is', async () => {
    const made = publisher();
    for (const target of ['a', 'b', 'gone', 'empty']) await send('CreateTarget', target);
    await send('FinishDeployment', 'a', { version: '1' });
    await send('FinishDeployment', 'a', {
      version: '2',
      commitRefs: [{ repository: 'shop', branch: 'main', commit: 'abc' }],
    });
    await send('FinishDeployment', 'b', { version: '7' });
    await send('FinishDeployment', 'gone', { version: '1' });
    await caughtUp(made);
    await send('DeleteTarget', 'gone');
    await caughtUp(made);

    const { last } = await table(4);
    expect([...last.keys()].sort()).toEqual(['web-shop/a', 'web-shop/b', 'web-shop/gone']);
    expect(last.get('web-shop/gone')?.value).toBeNull();
    const deployment = JSON.parse(String(last.get('web-shop/a')?.value));
    expect(deployment).toMatchObject({
      project: 'web-shop',
      target: 'a',
      number: 2,
      version: '2',
      status: 'current',
      actor: { id: 'o-paque', kind: 'user' },
    });
    expect(Number(last.get('web-shop/a')?.headers['ce_sequence'])).toBe(deployment.id);
  }, 60_000);

  it('goes on where it was after a stop, and says nothing of events that leave what is current alone', async () => {
    const before = (await table(4)).records.length;
    await send('StartDeployment', 'b', { version: '8', commitRefs: [] });
    await send('FailDeployment', 'b', { version: '8' });
    await send('FinishDeployment', 'b', { version: '9' });
    await caughtUp(publisher());
    const { records, last } = await table(before + 1);
    expect(records).toHaveLength(before + 1);
    expect(JSON.parse(String(last.get('web-shop/b')?.value))).toMatchObject({ version: '9' });
  }, 60_000);

  it('publishes once more what may have been overtaken by an older record', async () => {
    const before = (await table(5)).records.length;
    await new CurrentAgain(h.database).add(['target:web-shop/a', 'target:web-shop/gone']);
    await h.database.query('update current_again set due_at = clock_timestamp()');
    publisher();
    const { records, last } = await table(before + 2);
    expect(records).toHaveLength(before + 2);
    expect(JSON.parse(String(last.get('web-shop/a')?.value))).toMatchObject({ version: '2' });
    expect(last.get('web-shop/gone')?.value).toBeNull();
    const valuesOf = groupBy(records, ({ headers }) => headers['ce_id']);
    for (const same of valuesOf.values()) {
      expect(new Set(same.map(({ key, value }) => `${String(key)} ${String(value)}`)).size).toBe(1);
    }
    const left = async (): Promise<number> => (await h.database.query('select from current_again')).rowCount ?? 0;
    await until(async () => (await left()) === 0);
  }, 60_000);
});
