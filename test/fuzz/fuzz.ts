import { connect } from 'node:net';
import { Producer } from '@platformatic/kafka';
import { Contract } from '../support/contract.js';
import { randomFrom, type Random } from '../support/random.js';
import { startReplica, stopReplica, type Replica } from '../support/replica.js';
import { routesWhile } from '../support/routes.js';
import { startTestServer, testDatabase, TOKEN } from '../support/server.js';
import { exchange, type Sent } from '../support/wire.js';
import '../support/with-resolvers.js';
import { hostileBytes } from './corpus.js';
import { faultOf } from './judge.js';
import { residentMegabytes, Tally } from './tally.js';
import { chance, pick } from './mutate.js';
import { doorsOf, recordFrom, requestAt, type Door } from './requests.js';

const AT_ONCE = 24;
/** What one in so many inputs is: a record of Kafka, bytes that are no request. The rest are requests. */
const [RECORDS, RAW] = [0.05, 0.03];
const RECORDS_AT_ONCE = 20;
/** A broker as it comes takes batches of a mebibyte, and refuses itself what is larger. */
const BATCH_BYTES = 900_000;
const SETTLED_MS = 60_000;
/** Longer than a request may take at any limit of the service. */
const ANSWERED_MS = 40_000;

type Under = Readonly<{ replica: Replica; contract: Contract; doors: readonly Door[]; random: Random; tally: Tally }>;

/** Sends so many inputs to a service of its own, and answers what came of them. */
export async function fuzz(
  env: Readonly<{ databaseUrl: string; brokers: string }>,
  inputs: number,
  seed: number,
): Promise<Tally> {
  const topicPrefix = `fuzz${seed}-${Date.now()}.`;
  const { routes } = await routesWhile(listRoutes);
  const replica = await startReplica({
    DATABASE_URL: env.databaseUrl,
    KAFKA_BROKERS: env.brokers,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_GROUP_ID: topicPrefix,
    SHIPLOG_ADMIN_TOKEN: TOKEN,
  });
  const tally = new Tally(replica.process.pid!);
  try {
    const document = await (await fetch(`${replica.url}/openapi.json`)).json();
    const under = {
      replica,
      contract: await Contract.of(replica.url),
      doors: doorsOf(document, routes),
      random: randomFrom(seed),
      tally,
    };
    const producer = new Producer({
      clientId: 'fuzz',
      bootstrapBrokers: env.brokers.split(','),
      autocreateTopics: false,
    });
    let next = 0;
    const sender = async (): Promise<void> => {
      while (next < inputs && replica.process.exitCode === null) {
        next += 1;
        if (next % Math.ceil(inputs / 40) === 0) tally.remember(next, residentMegabytes(tally.pid));
        await one(under, () => sendRecords(producer, `${topicPrefix}commands`, under));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    await producer.close();
    await settle(under);
    const told = replica.log.find((line) => line.includes(TOKEN) || [...line].some((char) => char < ' '));
    if (told !== undefined) tally.fault('the log', `has what it must not have: ${told.slice(0, 300)}`);
    tally.remember(inputs, residentMegabytes(tally.pid));
    return tally;
  } finally {
    if (replica.process.exitCode !== null || replica.process.signalCode !== null)
      tally.fault('the service', `ended by itself: ${replica.log.slice(-5).join('\n')}`);
    const code = await stopReplica(replica, 'SIGTERM');
    if (code !== 0) tally.fault('the service', `ended with ${code}`);
  }
}

/** From the router itself: the dialects' routes are in no document. */
async function listRoutes(): Promise<void> {
  const database = await testDatabase();
  const { server } = await startTestServer(database);
  await server.close();
  await database.drop();
}

async function one(under: Under, sendSome: () => Promise<void>): Promise<void> {
  const { random, doors, tally } = under;
  const kind = random();
  if (kind < RECORDS / RECORDS_AT_ONCE) return sendSome();
  if (kind > 1 - RAW) return sendBytes(under, pick(random, hostileBytes));
  const door = pick(random, doors);
  const sent = requestAt(door, TOKEN, random);
  // A stream has no end: a few are enough to show that they begin as they should.
  if (door.url.endsWith('/live') && !chance(random, 0.02)) return;
  const began = performance.now();
  try {
    const answered = await within(ANSWERED_MS, exchange(under.replica.url, sent));
    tally.answered(answered.status);
    const fault = faultOf(door, sent, { answered, ms: performance.now() - began, contract: under.contract });
    if (fault !== undefined) tally.fault(`${door.method} ${door.url}`, `${fault}\n  ${told(sent)}`);
  } catch (error) {
    unanswered(error as NodeJS.ErrnoException, { door, sent, tally });
  }
}

const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** Whoever sends more than is taken may be cut off before all of it is sent; what Node will not send was no input. */
function unanswered(
  error: NodeJS.ErrnoException,
  { door, sent, tally }: Readonly<{ door: Door; sent: Sent; tally: Tally }>,
): void {
  const isLarge = Buffer.isBuffer(sent.body) && sent.body.length > 200_000;
  if (error.code?.startsWith('ERR_') || error.code?.startsWith('HPE_')) return tally.unsent();
  if (isLarge || ['TRACE', 'CONNECT'].includes(sent.method!)) return tally.answered(0);
  tally.fault(`${door.method} ${door.url}`, `no answer: ${error.code ?? error.message}\n  ${told(sent)}`);
}

const told = ({ method, path, headers, body }: Sent): string =>
  `${method} ${path.slice(0, 500)} ${JSON.stringify(headers).slice(0, 300)} ${Buffer.isBuffer(body) ? body.toString('latin1', 0, 500) : ''}`;

const sendBytes = ({ replica, tally }: Under, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(replica.url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let heard = '';
    socket.setTimeout(300, () => socket.destroy());
    socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1] ?? 0);
      tally.answered(status);
      if (status >= 500 && status !== 503)
        tally.fault('bytes', `${heard.slice(0, 300)}\n  ${bytes.toString('latin1').slice(0, 200)}`);
      resolve();
    });
  });

async function sendRecords(producer: Producer, topic: string, { random, tally }: Under): Promise<void> {
  const records = Array.from({ length: RECORDS_AT_ONCE }, () => recordFrom(random));
  for (const batch of batchesOf(records.filter((record) => sizeOf(record) <= BATCH_BYTES))) {
    const messages = batch.map(({ key, value }) => ({ topic, ...(key ? { key } : {}), ...(value ? { value } : {}) }));
    await producer.send({ messages, acks: -1 } as never);
    tally.published(batch.length);
  }
}

type Sendable = ReturnType<typeof recordFrom>;
const sizeOf = ({ key, value }: Sendable): number => (key?.length ?? 0) + (value?.length ?? 0);

function batchesOf(records: readonly Sendable[]): Sendable[][] {
  const batches: Sendable[][] = [];
  let left = -1;
  for (const record of records) {
    if (sizeOf(record) > left) {
      batches.push([]);
      left = BATCH_BYTES;
    }
    batches.at(-1)!.push(record);
    left -= sizeOf(record);
  }
  return batches;
}

/** The service is there for others afterwards: ready, and every record of the topic has its outcome or lies on the dead topic. */
async function settle({ replica, tally }: Under): Promise<void> {
  const late = performance.now() + SETTLED_MS;
  for (;;) {
    const text = await (await fetch(`${replica.url}/metrics`)).text();
    const of = (name: string): number =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+]+)$`, 'gm'))].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      );
    tally.handled = of('shiplog_inbox_records_total');
    tally.dead = of('shiplog_dead_letters_total');
    if (tally.handled >= tally.records) break;
    if (performance.now() > late) {
      tally.fault('Kafka', `${tally.records - tally.handled} of ${tally.records} records are not handled`);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { status } = await fetch(`${replica.url}/health/ready`);
  if (status !== 200) tally.fault('the service', `is not ready: ${status}`);
}
