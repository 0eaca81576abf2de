import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { groupBy } from '#runtime';
import { createTestDatabase } from '../support/database.js';
import { type Attempt, newAttempt, send, settle, settledAnswers } from '../support/history.js';
import { type Replica, startReplica, stopReplica } from '../support/replica.js';
import { readTopic, type TopicRecord } from '../support/topic.js';
import { verifyAll } from '../support/verify.js';

const TOKEN = 'fault-token-0123456789';
const TARGETS = 24;
const CALLERS = 10;
const KILLS = 6;

type LoggedEvent = {
  position: number;
  project: string;
  target: string;
  version: number;
  commandId: string;
  type: string;
};
type Accepted = {
  commandId: string;
  position: number;
  version: number;
  events: { type: string; version: number; position: number }[];
};

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? it : it.skip;
const prefix = `fault-${randomUUID().slice(0, 8)}.`;

describe('three replicas on one database while one after the other is killed', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let replicas: Replica[] = [];
  let env: Record<string, string>;
  const attempts: Attempt[] = [];
  let log: LoggedEvent[] = [];
  let tailed: number[] = [];

  const anyUrl = (): string => replicas[Math.floor(Math.random() * replicas.length)]?.url ?? '';

  const commandFor = (n: number): Attempt => {
    const target = `/projects/fault/targets/t${Math.floor(Math.random() * TARGETS)}`;
    const verb = ['start', 'finish', 'fail', 'schedule'][n % 4];
    const version = `1.${n % 5}`;
    const commitRefs = [{ repository: 'web', branch: `b${n % 3}`, commit: `c${n % 5}` }];
    return newAttempt(`${target}/${verb}`, { version, commitRefs });
  };

  const load = async (stop: () => boolean): Promise<void> => {
    for (let n = Math.floor(Math.random() * 1000); !stop(); n += 1) {
      const attempt = commandFor(n);
      attempts.push(attempt);
      await send(attempt, anyUrl(), TOKEN);
      // What a client does whose answer was lost, and now and then one whose answer was not.
      if (n % 10 === 0) await send(attempt, anyUrl(), TOKEN);
    }
  };

  const killOneByOne = async (): Promise<void> => {
    for (let kills = 0; kills < KILLS; kills += 1) {
      await pause(300 + Math.random() * 700);
      const victim = Math.floor(Math.random() * replicas.length);
      await stopReplica(replicas[victim] as Replica, 'SIGKILL');
      replicas[victim] = await startReplica(env);
    }
  };

  /** Knows nothing of the store but `position > last`. */
  const tail = async (stop: () => boolean): Promise<number[]> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const positions: number[] = [];
    for (let idle = 0; idle < 1;) {
      const { rows } = await client.query<{ position: string }>(
        'select position from events where position > $1 order by position limit 500',
        [positions.at(-1) ?? 0],
      );
      positions.push(...rows.map((row) => Number(row.position)));
      if (rows.length === 0 && stop()) idle += 1;
      else if (rows.length === 0) await pause(3);
    }
    await client.end();
    return positions;
  };

  const readLog = async (): Promise<LoggedEvent[]> => {
    const response = await fetch(`${anyUrl()}/api/v1/events?project=fault`, {
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/x-ndjson' },
    });
    return (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LoggedEvent);
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    env = {
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers ?? 'none',
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_GROUP_ID: prefix,
      SHIPLOG_ADMIN_TOKEN: TOKEN,
    };
    replicas = await Promise.all([startReplica(env), startReplica(env), startReplica(env)]);
    for (let n = 0; n < TARGETS; n += 1) {
      await settle(newAttempt('/projects/fault/targets', { key: `t${n}` }), anyUrl, TOKEN);
    }
    let killed = false;
    let loaded = false;
    const tailing = tail(() => loaded);
    const loading = Array.from({ length: CALLERS }, () => load(() => killed));
    await killOneByOne().finally(() => (killed = true));
    await Promise.all(loading);
    for (const attempt of attempts) await settle(attempt, anyUrl, TOKEN);
    loaded = true;
    tailed = await tailing;
    log = await readLog();
    expect(attempts.length).toBeGreaterThan(200);
  }, 180_000);

  afterAll(async () => {
    const codes = await Promise.all(replicas.map((replica) => stopReplica(replica, 'SIGTERM')));
    await database.drop();
    expect(codes).toEqual([0, 0, 0]);
  }, 60_000);

  it('answers each command id the same, whoever is asked and however often', () => {
    for (const attempt of attempts) expect(new Set(settledAnswers(attempt).map(({ body }) => body)).size).toBe(1);
  });

  it('never answers 5xx but 503', () => {
    const statuses = new Set(attempts.flatMap(({ seen }) => seen.map(({ status }) => status)));
    expect([...statuses].filter((status) => status >= 500 && status !== 503)).toEqual([]);
  });

  it('loses nothing that it acknowledged, and a refusal leaves no event', () => {
    const byCommand = groupBy(log, ({ commandId }) => commandId);
    for (const attempt of attempts) {
      const answer = JSON.parse(settledAnswers(attempt)[0]?.body ?? '{}') as Partial<Accepted>;
      const logged = (byCommand.get(attempt.id) ?? []).map(({ type, version, position }) => ({
        type,
        version,
        position,
      }));
      expect(logged).toEqual(answer.events ?? []);
    }
  });

  it('doubles nothing: positions and versions count without a gap', () => {
    expect(log.map(({ position }) => position)).toEqual(log.map((_, index) => index + 1));
    for (const events of groupBy(log, ({ target }) => target).values()) {
      expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    }
  });

  it('shows every event, in order, to a reader that asks for what is behind the last one', () => {
    expect(tailed).toEqual(log.map(({ position }) => position));
  });

  it('keeps views that equal a fold of the log', async () => {
    expect(await verifyAll(database.url, log.length)).toEqual([]);
  }, 60_000);

  withKafka(
    'shows no gap on the topic, and at the end all of the log',
    async () => {
      const positions = new Set<number>();
      const records = await readTopic(brokers as string, `${prefix}events`, (all) => {
        positions.add(Number(all.at(-1)?.headers['ce_sequence']));
        return positions.size === log.length;
      });
      const reached = new Map<string, number>();
      for (const record of records) {
        const key = String(record.key);
        const version = Number(record.headers['ce_streamversion']);
        const last = reached.get(key) ?? 0;
        expect(version).toBeLessThanOrEqual(last + 1);
        reached.set(key, Math.max(last, version));
      }
    },
    90_000,
  );

  withKafka(
    'publishes one outcome per command id',
    async () => {
      const wanted = new Set<string>(attempts.map(({ id }) => id));
      const outcomes = new Map<string, Set<string>>();
      const note = (record: TopicRecord | undefined): void => {
        const value = String(record?.value);
        const { commandId } = JSON.parse(value) as { commandId: string };
        outcomes.set(commandId, (outcomes.get(commandId) ?? new Set()).add(value));
        wanted.delete(commandId);
      };
      await readTopic(brokers as string, `${prefix}outcomes`, (all) => {
        note(all.at(-1));
        return wanted.size === 0;
      });
      expect([...outcomes.values()].filter((values) => values.size !== 1)).toEqual([]);
    },
    90_000,
  );
});
