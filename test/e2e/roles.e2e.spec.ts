import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { fetchAsDocumented } from '../support/contract.js';
import { createTestDatabase } from '../support/database.js';
import { sendCommands } from '../support/producer.js';
import { type Replica, startReplica, stopReplica } from '../support/replica.js';
import type { Loose } from '../support/server.js';
import { readTopic, type TopicRecord } from '../support/topic.js';
import { until } from '../support/until.js';

const TOKEN = 'roles-token-0123456789';
const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const roles = ['api', 'consumer', 'projector', 'relay', 'timekeeper', 'notifier'] as const;
type Role = (typeof roles)[number];
type Answer = Readonly<{ status: number; body: Loose }>;

(brokers ? describe : describe.skip)('one process for each role, and two for some', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  const prefix = `roles-${randomUUID().slice(0, 8)}.`;
  const service = new Map<Role, Replica>();
  const seconds: Replica[] = [];

  const start = (role: string): Promise<Replica> =>
    startReplica({
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_GROUP_ID: prefix,
      SHIPLOG_ADMIN_TOKEN: TOKEN,
      SHIPLOG_TICK_MS: '50',
      SHIPLOG_ROLES: role,
    });
  const call = async ({ url }: Replica, path: string, body?: object): Promise<Answer> => {
    const response = await fetchAsDocumented(`${url}${path}`, {
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : {} };
  };
  const api = (path: string, body?: object): Promise<Answer> => call(service.get('api')!, `/api/v1${path}`, body);
  const statusOf = async (replica: Replica): Promise<Loose> => (await call(replica, '/api/v1/status')).body;

  beforeAll(async () => {
    database = await createTestDatabase();
    for (const role of roles) service.set(role, await start(role));
  }, 90_000);
  afterAll(async () => {
    await Promise.all([...service.values(), ...seconds].map((replica) => stopReplica(replica, 'SIGKILL')));
    await database.drop();
  }, 30_000);

  it('do the main job together: api takes in and answers, projector builds what it reads', async () => {
    const settings = { failing: { enabled: true, afterMinutes: 0.01 } };
    expect((await api('/projects/shop/targets', { key: 'live', settings })).status).toBe(201);
    await api('/projects/shop/targets/live/start', { version: '1' });
    const { body } = await api('/projects/shop/targets/live/finish', { version: '1' });
    const current = await api(`/projects/shop/targets/live/current?min_position=${body.position}`);
    expect(current).toMatchObject({ status: 200, body: { version: '1', status: 'current' } });
  }, 60_000);

  it('let time run out where timekeeper alone looks at the clock', async () => {
    const { body } = await api('/projects/shop/targets/live/start', { version: '2' });
    const next = Number(body.position) + 1;
    const failed = await api(`/projects/shop/targets/live/deployments/2?min_position=${next}`);
    expect(failed).toMatchObject({ status: 200, body: { status: 'failed', failureReason: 'timeout' } });
  }, 60_000);

  it('take commands where consumer alone reads them, and publish where relay alone does', async () => {
    const command = { commandId: randomUUID(), project: 'shop', target: 'live', type: 'FinishDeployment' };
    await sendCommands(brokers, `${prefix}commands`, [{ ...command, data: { version: '3' } } as never]);
    const about = ({ headers }: TopicRecord): boolean => headers['ce_causationid'] === command.commandId;
    const [outcome, event] = await Promise.all(
      ['outcomes', 'events'].map(async (topic) =>
        (await readTopic(brokers, `${prefix}${topic}`, (all) => all.some(about))).find(about),
      ),
    );
    const { position } = JSON.parse(String(outcome?.value)) as { position: number };
    expect(event?.headers).toMatchObject({ ce_type: 'io.shiplog.deployment.superseded.v1', ce_subject: 'shop/live/1' });
    const shown = (record: TopicRecord | undefined): { version?: string } => JSON.parse(String(record?.value));
    const currents = await readTopic(brokers, `${prefix}current`, (all) => shown(all.at(-1)).version === '3');
    expect(String(currents.at(-1)?.key)).toBe('shop/live');
    expect((await api(`/projects/shop/targets/live/current?min_position=${position}`)).body).toMatchObject({
      version: '3',
    });
  }, 60_000);

  it.each(roles)('%s alone has health, status and metrics, and the API only where it is api', async (role) => {
    const replica = service.get(role)!;
    expect((await call(replica, '/health/live')).status).toBe(200);
    expect(await call(replica, '/health/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
    const metrics = await (await fetchAsDocumented(`${replica.url}/metrics`)).text();
    expect(metrics).toMatch(/^shiplog_lag_positions\{kind="projection",name="current"\} \d+$/m);
    const status = await statusOf(replica);
    expect(status).toMatchObject({ roles: [role], position: expect.any(Number) });
    const loops = {
      consumer: ['inbox'],
      projector: ['sealer'],
      relay: ['relay', 'current', 'checkpoints'],
      notifier: ['notifier'],
    } as Record<Role, string[]>;
    expect(Object.keys(status.loops)).toEqual(loops[role] ?? []);
    expect((await call(replica, '/api/v1/projects')).status).toBe(role === 'api' ? 200 : 404);
    expect((await fetchAsDocumented(`${replica.url}/api/v1/status`)).status).toBe(401);
  });

  it('share the partitions of the commands, and one publishes while the other stands by', async () => {
    seconds.push(await start('consumer'), await start('relay'));
    const [consumer, relay] = seconds as [Replica, Replica];
    const partitions = async (replica: Replica): Promise<number> =>
      (await statusOf(replica)).loops.inbox.partitions.length;
    await until(async () => (await partitions(consumer)) === 6 && (await partitions(service.get('consumer')!)) === 6);
    const stateOf = async (replica: Replica): Promise<string> => (await statusOf(replica)).loops.relay.events.state;
    await until(async () => (await stateOf(relay)) === 'standby');
    expect(await stateOf(service.get('relay')!)).toBe('publishing');
    expect(await stopReplica(service.get('relay')!, 'SIGTERM')).toBe(0);
    await until(async () => (await stateOf(relay)) === 'publishing');
  }, 60_000);

  it('end with 0 when told to', async () => {
    const codes = await Promise.all(
      [...service.values(), ...seconds].map((replica) => stopReplica(replica, 'SIGTERM')),
    );
    expect(codes).toEqual(codes.map(() => 0));
  }, 60_000);

  it('are those that there are: another is refused with a sentence', async () => {
    await expect(start('api,cook')).rejects.toThrow(
      /The service ended with 1:\n.*SHIPLOG_ROLES must be one of api, consumer, projector, relay, timekeeper, notifier/,
    );
  });
});
