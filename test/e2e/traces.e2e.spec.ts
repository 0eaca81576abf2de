import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { fetchAsDocumented } from '../support/contract.js';
import { type CollectedSpan, type Collector, startCollector } from '../support/collector.js';
import { createTestDatabase } from '../support/database.js';
import { sendCommands } from '../support/producer.js';
import { type Replica, startReplica, stopReplica } from '../support/replica.js';
import { readTopic, type TopicRecord } from '../support/topic.js';

const TOKEN = 'traces-token-0123456789';
const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

const newParent = (): { traceId: string; spanId: string; traceparent: string } => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
};

(brokers ? describe : describe.skip)('a trace of OpenTelemetry', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let collector: Collector;
  let service: Replica;
  const prefix = `traces-${randomUUID().slice(0, 8)}.`;
  const running: Replica[] = [];

  const start = async (more: Record<string, string> = {}): Promise<Replica> => {
    const replica = await startReplica({
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_GROUP_ID: prefix,
      SHIPLOG_ADMIN_TOKEN: TOKEN,
      SHIPLOG_TICK_MS: '50',
      ...more,
    });
    running.push(replica);
    return replica;
  };
  const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetchAsDocumented(`${service.url}/api/v1/projects/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const one = (spans: readonly CollectedSpan[], kind: number, name: RegExp): CollectedSpan => {
    const found = spans.filter((span) => span.kind === kind && name.test(span.name));
    expect(found.map((span) => span.name)).toHaveLength(1);
    return found[0]!;
  };
  const recordOf = async (topic: 'events' | 'outcomes', commandId: string): Promise<TopicRecord> => {
    const about = ({ headers }: TopicRecord): boolean => headers['ce_causationid'] === commandId;
    return (await readTopic(brokers, `${prefix}${topic}`, (all) => all.some(about))).find(about)!;
  };

  beforeAll(async () => {
    [database, collector] = await Promise.all([createTestDatabase(), startCollector()]);
    service = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '100' });
  }, 60_000);
  afterAll(async () => {
    const codes = await Promise.all(running.map((replica) => stopReplica(replica, 'SIGTERM')));
    await collector.close();
    await database.drop();
    expect(codes.filter((code) => code !== 0)).toEqual([]);
  }, 60_000);

  it('spans a request, its append, and the publishing of its event and its outcome', async () => {
    const { traceId, spanId, traceparent } = newParent();
    const headers = { traceparent, 'idempotency-key': randomUUID() };
    expect((await post('traced/targets', { key: 'http' }, headers)).status).toBe(201);
    const spans = await collector.trace(traceId, 4);
    const request = one(spans, SERVER, /^POST \/api\/v1\/projects\/:project\/targets$/);
    expect(request.parentSpanId).toBe(spanId);
    expect(request.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: 201 } });
    expect(one(spans, CLIENT, /^append$/).parentSpanId).toBe(request.spanId);
    for (const topic of ['events', 'outcomes'] as const) {
      const sending = one(spans, PRODUCER, new RegExp(`^send ${prefix}${topic}$`));
      expect(sending.parentSpanId).toBe(request.spanId);
      const { headers: published } = await recordOf(topic, headers['idempotency-key']);
      expect(published).toMatchObject({
        traceparent: `00-${traceId}-${sending.spanId}-01`,
        ce_correlationid: traceId,
      });
    }
    expect(JSON.stringify(spans)).not.toContain('traced');
  }, 60_000);

  it('spans a record, its append, and the publishing of its outcome, rejected or not', async () => {
    for (const type of ['DeleteTarget', 'CreateTarget']) {
      const { traceId, spanId, traceparent } = newParent();
      const command = { type, commandId: randomUUID(), project: 'traced', target: 'kafka', data: {} };
      await sendCommands(brokers, `${prefix}commands`, [command], { traceparent });
      const spans = await collector.trace(traceId, type === 'CreateTarget' ? 4 : 3);
      const record = one(spans, CONSUMER, new RegExp(`^process ${prefix}commands$`));
      expect(record.parentSpanId).toBe(spanId);
      expect(one(spans, CLIENT, /^append$/).parentSpanId).toBe(record.spanId);
      const sending = one(spans, PRODUCER, new RegExp(`^send ${prefix}outcomes$`));
      expect(sending.parentSpanId).toBe(record.spanId);
      const { headers } = await recordOf('outcomes', command.commandId);
      expect(headers['traceparent']).toBe(`00-${traceId}-${sending.spanId}-01`);
    }
  }, 60_000);

  it('begins with a request that brought none, and with a time-out', async () => {
    const settings = { failing: { enabled: true, afterMinutes: 0.001 } };
    await post('traced/targets', { key: 'timed', settings });
    await post('traced/targets/timed/start', { version: '1' });
    const roots = (): CollectedSpan[] => collector.spans.filter(({ parentSpanId }) => !parentSpanId);
    const rootOf = async (name: string): Promise<CollectedSpan> => {
      for (;;) {
        const found = roots().find((span) => span.name === name);
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    for (const name of ['POST /api/v1/projects/:project/targets/:target/start', 'timekeeper time-out']) {
      const spans = await collector.trace((await rootOf(name)).traceId, 4);
      one(spans, CLIENT, /^append$/);
      one(spans, PRODUCER, /events$/);
      one(spans, PRODUCER, /outcomes$/);
    }
  }, 60_000);

  it('passes through as it came where nobody traces', async () => {
    const codes = await Promise.all(running.splice(0).map((replica) => stopReplica(replica, 'SIGTERM')));
    expect(codes).toEqual([0]);
    service = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_TRACES_EXPORTER: 'none' });
    const { traceId, traceparent } = newParent();
    const headers = { traceparent, 'idempotency-key': randomUUID() };
    expect((await post('traced/targets', { key: 'plain' }, headers)).status).toBe(201);
    for (const topic of ['events', 'outcomes'] as const) {
      const { headers: published } = await recordOf(topic, headers['idempotency-key']);
      expect(published).toMatchObject({ traceparent, ce_correlationid: traceId });
    }
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  }, 60_000);
});
