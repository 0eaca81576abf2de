import { keyOfStream } from '#contracts';
import { groupBy } from '#runtime';
import type { Attempt, Seen } from '../../support/history.js';
import { readWholeTopic, type TopicRecord as Read } from '../../support/topic.js';
import type { Answered, CommandRecord, DeadLetter, Logged, Operation, TopicRecord } from '../checkers/index.js';
import { PROJECT } from './commands.js';
import type { KafkaHistory, Sent } from './kafka-writer.js';
import type { RestHistory } from './rest-writer.js';
import { readTimes } from './taken-at.js';
import { microseconds, readLog, type Watch } from './watch.js';

const PAGE = 5_000;

/** All that is judged, as it was found when everything was healed and quiet. */
export type Found = Readonly<{
  /** By the clock of the database, before the log was read. */
  now: string;
  events: readonly Logged[];
  outcomes: readonly Answered[];
  topics: Readonly<Record<'events' | 'outcomes' | 'current', readonly TopicRecord[]>>;
  commands: readonly CommandRecord[];
  deadLetters: readonly DeadLetter[];
  /** Next offsets of the commands topic. */
  offsets: ReadonlyMap<number, number>;
  /** Targets that the compacted topic is told of once more, a minute after a send that failed. */
  toldAgain: ReadonlySet<string>;
}>;

/** Reads store and topics whole; the topics with a client that is not the service's. */
export async function find(watch: Watch, { brokers, prefix }: Topics, history: KafkaHistory): Promise<Found> {
  const { pool } = watch;
  const topic = (name: string): Promise<Read[]> => readWholeTopic(brokers, `${prefix}${name}`);
  const clock = await pool.query<{ now: string }>(`select ${microseconds('clock_timestamp()')} as now`);
  const events: Logged[] = [];
  for (let page = [events.at(0)]; page.length > 0;) {
    page = await readLog(pool, events.at(-1)?.position ?? 0, PAGE);
    events.push(...(page as Logged[]));
  }
  const outcomes = await pool.query<Answered>(
    `select seq, position, version, stream, command_id as "commandId", outcome::text,
            ${microseconds('recorded_at')} as "recordedAt"
       from commands order by seq`,
  );
  const offsets = await pool.query<{ partition: number; next: number }>('select partition, next from command_offsets');
  const again = await pool.query<{ stream: string }>('select stream from current_again');
  const [onEvents, onOutcomes] = [`${prefix}events`, `${prefix}outcomes`];
  const takenAt = await readTimes(brokers, [onEvents, onOutcomes]);
  const timed = (name: string, record: TopicRecord): TopicRecord => {
    const at = takenAt(name, record.partition, record.offset);
    return at === undefined ? record : { ...record, at };
  };
  return {
    now: clock.rows[0]!.now,
    events,
    outcomes: outcomes.rows,
    topics: {
      events: (await topic('events')).map((each) => timed(onEvents, published(each))),
      outcomes: (await topic('outcomes')).map((each) => timed(onOutcomes, published(each))),
      current: (await topic('current')).map(published),
    },
    commands: commandRecords(await topic('commands'), history),
    deadLetters: (await topic('commands.dead')).map(deadLetter),
    offsets: new Map(offsets.rows.map(({ partition, next }) => [partition, next])),
    toldAgain: new Set(again.rows.map(({ stream }) => keyOfStream(stream))),
  };
}

type Topics = Readonly<{ brokers: string; prefix: string }>;

const published = ({ partition, offset, key, value, headers }: Read): TopicRecord => {
  const version = Number(headers['ce_streamversion'] ?? NaN);
  return {
    partition,
    offset,
    key: String(key),
    value: value === null ? null : String(value),
    id: headers['ce_id'] ?? '',
    place: Number(headers['ce_sequence']),
    ...(Number.isNaN(version) ? {} : { version }),
  };
};

const deadLetter = ({ headers }: Read): DeadLetter => ({
  partition: Number(headers['shiplog-partition']),
  offset: Number(headers['shiplog-offset']),
  reason: headers['shiplog-reason'] ?? '',
});

/** What was written is known by its text: ids are in it. */
function commandRecords(records: readonly Read[], { commands }: KafkaHistory): CommandRecord[] {
  const byValue = new Map(commands.map((sent) => [sent.value, sent]));
  return records.map(({ partition, offset, value }) => {
    const sent = byValue.get(String(value));
    return { partition, offset, ...(sent ? { stream: streamOf(sent.key), commandId: sent.id } : {}) };
  });
}

const streamOf = (key: string): string => `target:${key}`;

/** What senders learned, those over HTTP by their answers, those on Kafka by the topic of outcomes. */
export function operationsOf(rest: RestHistory, kafka: KafkaHistory, outcomes: readonly TopicRecord[]): Operation[] {
  const told = groupBy(
    outcomes.map(({ value }) => JSON.parse(value ?? '{}') as Outcome),
    ({ commandId }) => commandId,
  );
  const both = new Set(kafka.both.map(({ id }) => id));
  const byRest = [...rest.attempts, ...kafka.both, ...rest.reuses.map(({ attempt }) => attempt)];
  return [
    ...byRest.flatMap(operationsOfAttempt),
    ...kafka.commands.filter(({ id }) => !both.has(id)).flatMap((sent) => operationsOfRecord(sent, told.get(sent.id))),
  ];
}

type Outcome = Readonly<{
  commandId: string;
  outcome: 'accepted' | 'rejected';
  position: number;
  version: number;
  events: ReadonlyArray<Readonly<{ type: string; version: number; position: number }>>;
}>;

function operationsOfAttempt(attempt: Attempt): Operation[] {
  const { id: commandId, path, body, expectedVersion, seen } = attempt;
  const target = path.endsWith('/targets') ? (body as { key: string }).key : path.split('/').at(-2)!;
  const stream = streamOf(`${PROJECT}/${target}`);
  const payload = JSON.stringify([path, body]);
  const asked = { stream, commandId, payload, ...expecting(expectedVersion) };
  return seen.map((each) => ({ ...asked, ...answerOf(each) }));
}

const expecting = (expectedVersion: number | undefined): Pick<Operation, 'expectedVersion'> =>
  expectedVersion === undefined ? {} : { expectedVersion };

function answerOf(seen: Seen): Omit<Operation, 'stream' | 'commandId' | 'payload'> {
  const { status, body, invokedAt, returnedAt } = seen;
  const result = resultOf(seen);
  const moment = { invokedAt, returnedAt: status === 0 ? undefined : returnedAt };
  if (result !== 'accepted') return { ...moment, result, body };
  const { position, version, events } = JSON.parse(body) as Outcome;
  return { ...moment, result, body, position, version, events };
}

function resultOf({ status, body }: Seen): Operation['result'] {
  if ([0, 429, 503].includes(status)) return 'unknown';
  if (status === 200 || status === 201) return 'accepted';
  if (body.includes('"idempotency_key_reused"')) return 'reused';
  return [404, 409, 412, 422].includes(status) ? 'rejected' : 'refused';
}

const operationsOfRecord = ({ id, key, value, expectedVersion }: Sent, told: Outcome[] = []) =>
  (told.length === 0 ? [undefined] : told).map((outcome): Operation => {
    const asked = { stream: streamOf(key), commandId: id, payload: value, invokedAt: 0, ...expecting(expectedVersion) };
    if (!outcome) return { ...asked, result: 'unknown' };
    const { outcome: result, position, version, events } = outcome;
    return { ...asked, result, position, version, events };
  });
