import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { TestDatabase } from '../../../test/support/database.js';
import { sendCommands } from '../../../test/support/producer.js';
import {
  API,
  TOKEN,
  newTarget,
  rowsOf,
  startTestServer,
  testDatabase,
  unique,
  type TestServer,
} from '../../../test/support/server.js';
import { until } from '../../../test/support/until.js';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';

/** Series as Prometheus reads them: the name with its labels, and the value. */
type Series = ReadonlyMap<string, number>;

(brokers ? describe : describe.skip)('the metrics, after a day of everything', () => {
  let database: TestDatabase;
  let api: TestServer;
  let path: string;
  const prefix = `${unique('metrics')}.`;
  let before: Series = new Map();
  const families = new Set<string>();
  /** Of which a series has been other than at the start. */
  const changed = new Set<string>();

  const scrape = async (of = api): Promise<Series> => {
    const { text } = await of.call('/metrics', { token: null });
    for (const [, name] of text.matchAll(/^# TYPE (shiplog_\w+)/gm)) families.add(name!);
    const lines = text.split('\n').filter((line) => line.startsWith('shiplog_'));
    const series = lines.map((line): [string, number] => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]);
    for (const [name, value] of series) if (value !== (before.get(name) ?? 0)) changed.add(familyOf(name));
    return new Map(series);
  };
  const moved = async (series: string): Promise<number> =>
    ((await scrape()).get(series) ?? 0) - (before.get(series) ?? 0);
  const untilThey = async (hold: (now: Series) => boolean, of = api): Promise<Series> => {
    let now: Series = new Map();
    const look = async (): Promise<boolean> => hold((now = await scrape(of)));
    await until(look, () => [...now]);
    return now;
  };
  /** Holds what the statement locks while the work is done. */
  const locked = async (statement: string, work: () => Promise<void>): Promise<void> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('begin');
      await client.query(statement);
      await work();
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    database = await testDatabase();
    api = await startTestServer(database, {
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_GROUP_ID: prefix,
      KAFKA_PROJECTS: 'metered',
    });
    before = await scrape();
    ({ path } = await newTarget(api));
  }, 60_000);
  afterAll(async () => {
    await api?.server.close();
    await database?.drop();
  }, 30_000);

  it('count commands by type and outcome, and their appends', async () => {
    await api.call(`${path}/finish`, { body: {} });
    const once = { body: { version: '1' }, headers: { 'idempotency-key': 'k' } };
    await api.call(`${path}/finish`, once);
    await api.call(`${path}/finish`, { ...once, body: { version: '2' } });
    for (const outcome of ['accepted', 'version_required', 'reused'])
      expect(await moved(`shiplog_commands_total{type="FinishDeployment",outcome="${outcome}"}`)).toBe(1);
    expect(await moved('shiplog_append_duration_seconds_count')).toBeGreaterThanOrEqual(3);
    expect(await moved('shiplog_append_duration_seconds_sum')).toBeGreaterThan(0);
    expect(await moved('shiplog_append_batch_size_sum')).toBeGreaterThanOrEqual(3);
  });

  it('time requests by route, whatever is asked for', async () => {
    await api.call(`${path}/finish`, { body: { version: '3' } });
    await api.call('/no-such-thing/at-all');
    const route = `${API}/projects/:project/targets/:target/finish`;
    const series = `shiplog_http_request_duration_seconds_count{method="POST",route="${route}",status="201"}`;
    expect(await moved(series)).toBeGreaterThan(0);
    expect(
      await moved('shiplog_http_request_duration_seconds_count{method="GET",route="unknown",status="404"}'),
    ).toBeGreaterThan(0);
  });

  it('say how late a time-out came', async () => {
    await newTarget(api, { settings: { failing: { enabled: true, afterMinutes: 0.001 } } }).then((timed) =>
      api.call(`${timed.path}/start`, { body: { version: '1' } }),
    );
    await untilThey((now) => now.get('shiplog_timeout_lateness_seconds_count{kind="time-out"}') === 1);
    expect(await moved('shiplog_timeout_lateness_seconds_sum{kind="time-out"}')).toBeGreaterThan(0);
  });

  it('count what comes from Kafka, what goes there, and dead letters by the code of their reason', async () => {
    const create = { commandId: 'c', type: 'CreateTarget', project: 'metered', target: 'kafka', data: {} };
    await sendCommands(brokers, `${prefix}commands`, [
      create,
      { ...create, data: { name: 'Another' } } as never,
      { ...create, project: 'elsewhere' },
      { project: 'metered', target: 'kafka' },
    ]);
    const dead = (reason: string): string => `shiplog_dead_letters_total{reason="${reason}"}`;
    expect(before.get(dead('not_recordable'))).toBe(0);
    const now = await untilThey((series) => (series.get('shiplog_inbox_records_total') ?? 0) >= 4);
    for (const reason of ['malformed', 'forbidden', 'idempotency_key_reused']) expect(now.get(dead(reason))).toBe(1);
    await untilThey((series) =>
      ['events', 'outcomes', 'current', 'checkpoints'].every(
        (name) =>
          series.get(`shiplog_relay_records_total{name="${name}"}`)! > 0 &&
          series.get(`shiplog_relay_batches_total{name="${name}"}`)! > 0 &&
          // Checkpoints follow within ten seconds.
          (name === 'checkpoints' || series.get(`shiplog_lag_positions{kind="relay",name="${name}"}`) === 0),
      ),
    );
    expect(now.get('shiplog_inbox_lag_records')).toBeGreaterThanOrEqual(0);
  }, 60_000);

  it('show a view that lags, for how long, and who waits for a connection', async () => {
    let readers: Promise<unknown>[] = [];
    await locked('lock table current in access exclusive mode', async () => {
      await api.call(`${path}/finish`, { body: { version: '4' } });
      const list = path.slice(0, path.lastIndexOf('/'));
      readers = Array.from({ length: 15 }, () => api.call(list));
      const now = await untilThey(
        (series) =>
          series.get('shiplog_postgres_pool_waiting{pool="reads"}')! > 0 &&
          series.get('shiplog_lag_seconds{kind="projection",name="current"}')! > 0.05,
      );
      expect(now.get('shiplog_lag_positions{kind="projection",name="current"}')).toBe(2);
      expect(now.get('shiplog_postgres_pool_connections{pool="reads",state="busy"}')).toBe(10);
    });
    await Promise.all(readers);
    const now = await untilThey(
      (series) => series.get('shiplog_lag_positions{kind="projection",name="current"}') === 0,
    );
    expect(now.get('shiplog_lag_seconds{kind="projection",name="current"}')).toBe(0);
    expect(now.has('shiplog_postgres_pool_connections{pool="work",state="idle"}')).toBe(true);
  }, 60_000);

  it('show commands that wait', async () => {
    let waiting: Promise<unknown>[] = [];
    await locked('select 1 from log for update', async () => {
      waiting = ['5', '6', '7'].map((version) => api.call(`${path}/finish`, { body: { version } }));
      const now = await untilThey((series) => series.get('shiplog_commands_unanswered') === 3);
      expect(now.get('shiplog_commands_queued')).toBeGreaterThan(0);
      const late = { type: 'FinishDeployment', project: 'metered', target: 'kafka', data: { version: '1' } };
      await sendCommands(brokers, `${prefix}commands`, [late]);
      await untilThey((series) => series.get('shiplog_inbox_lag_records') === 1);
    });
    await Promise.all(waiting);
    await untilThey((series) => series.get('shiplog_commands_unanswered') === 0);
  }, 60_000);

  it('show the streams that are open', async () => {
    const closing = new AbortController();
    await fetch(`${api.server.url}${API}/events/live`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: closing.signal,
    });
    await untilThey((series) => series.get('shiplog_live_streams') === 1);
    closing.abort();
    await untilThey((series) => series.get('shiplog_live_streams') === 0);
  }, 60_000);

  it('count what fails while the broker is away', async () => {
    const away = await startTestServer(database, { KAFKA_BROKERS: '127.0.0.1:1' });
    try {
      const now = await untilThey(
        (series) =>
          series.get('shiplog_inbox_restarts_total')! > 0 &&
          ['events', 'outcomes', 'current'].every(
            (name) => series.get(`shiplog_relay_errors_total{name="${name}"}`)! > 0,
          ),
        away,
      );
      expect(now.get('shiplog_lag_positions{kind="relay",name="events"}')).toBeGreaterThan(0);
      expect(now.get('shiplog_lag_seconds{kind="relay",name="events"}')).toBeGreaterThan(0);
    } finally {
      await away.server.close();
    }
  }, 60_000);

  it('count what fails where the log cannot be sealed', async () => {
    await rowsOf(database, 'alter table audit_checkpoints rename to elsewhere');
    try {
      await api.call(`${path}/finish`, { body: { version: '8' } });
      await untilThey((series) => series.get('shiplog_sealer_errors_total')! > 0);
    } finally {
      await rowsOf(database, 'alter table elsewhere rename to audit_checkpoints');
    }
  }, 60_000);

  it('tell of a loop that is halted', async () => {
    const another = await testDatabase();
    // Its topics are those of another store.
    const stranger = await startTestServer(another, { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix });
    try {
      await newTarget(stranger);
      await untilThey(
        (series) => [...series].some(([name, value]) => name.startsWith('shiplog_loop_halted{') && value === 1),
        stranger,
      );
    } finally {
      await stranger.server.close();
      await another.drop();
    }
  }, 60_000);

  it('have all moved, and name no project', async () => {
    const now = [...(await scrape()).keys()];
    expect([...changed].sort()).toEqual([...families].sort());
    expect(now.join('\n')).not.toMatch(/metered|elsewhere|project-/);
  });
});

const familyOf = (series: string): string => series.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '');
