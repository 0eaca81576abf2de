import { once } from 'node:events';
import { connect } from 'node:net';
import { Producer } from '@platformatic/kafka';
import { Contract } from '../support/contract.js';
import { randomFrom, type Random } from '../support/random.js';
import { AUDIT_KEY, startReplica, stopReplica, type Replica } from '../support/replica.js';
import { routesWhile } from '../support/routes.js';
import { startTestServer, testDatabase, TOKEN } from '../support/server.js';
import { until } from '../support/until.js';
import { exchange, Unsendable, type Sent } from '../support/wire.js';
import '../support/with-resolvers.js';
import { accountFor, nameOf, NO_ACCOUNTS, type Accounts } from './accounts.js';
import { CANARY, hostileBytes } from './corpus.js';
import { faultOf } from './judge.js';
import { LogWatch } from './log-watch.js';
import { chance, pick } from './mutate.js';
import { recordFrom, type Sendable } from './records.js';
import { doorsOf, requestAt, type Door } from './requests.js';
import { Tally } from './tally.js';
import { TARGETS_KEPT, warmUp } from './warm-up.js';

const AT_ONCE = 24;
/** Inputs before those that are asked for, of the same kinds, at most half as many: by then all is compiled, and what is kept of texts is as much as it may be. */
const WARM_UP = 100_000;
/** What one in so many inputs is: a record of Kafka, bytes that are no request. The rest are requests. */
const [RECORDS, RAW] = [0.1, 0.03];
const RECORDS_AT_ONCE = 20;
/** A broker as it comes takes batches of a mebibyte, and refuses itself what is larger. */
const BATCH_BYTES = 900_000;
const SETTLED_MS = 60_000;
/** Longer than a request may take at any limit of the service. */
const ANSWERED_MS = 40_000;

type Env = Readonly<{ databaseUrl: string; brokers: string }>;
type Under = Readonly<{
  replica: Replica;
  contract: Contract;
  doors: readonly Door[];
  random: Random;
  tally: Tally;
  producer: Producer;
  prefix: string;
}>;

/** Sends so many inputs to a service of its own, and answers what came of them. */
export async function fuzz(env: Env, inputs: number, seed: number): Promise<Tally> {
  const prefix = `fuzz${seed}-${Date.now()}.`;
  const { routes } = await routesWhile(listRoutes);
  const tally = new Tally();
  const log = new LogWatch(secretsOf(env), (what) => tally.fault('a line of the log', what));
  const variables = {
    DATABASE_URL: env.databaseUrl,
    KAFKA_BROKERS: env.brokers,
    KAFKA_TOPIC_PREFIX: prefix,
    KAFKA_GROUP_ID: prefix,
    SHIPLOG_ADMIN_TOKEN: TOKEN,
  };
  const replica = await startReplica(variables, log.read);
  const written = once(replica.process, 'close');
  const producer = new Producer({
    clientId: 'fuzz',
    bootstrapBrokers: env.brokers.split(','),
    autocreateTopics: false,
  });
  try {
    const document = await (await fetch(`${replica.url}/openapi.json`)).json();
    const doors = doorsOf(document, routes);
    const contract = await Contract.of(replica.url);
    tally.note('listening', replica.process.pid!);
    const targets = Math.min(TARGETS_KEPT, inputs);
    await warmUp(replica, targets);
    tally.note(`with ${targets} targets`, replica.process.pid!);
    await sendAll({ replica, contract, doors, random: randomFrom(seed), tally, producer, prefix }, inputs);
    await settle(replica, tally);
    // A long run tells what it has seen, whatever comes of this.
    const unread = (error: Error): Accounts => ({
      ...NO_ACCOUNTS,
      faults: [`the records cannot be read: ${error.stack}`],
    });
    tally.accounts = await accountFor(env.brokers, prefix, tally.rightIds).catch(unread);
    for (const fault of tally.accounts.faults) tally.fault('Kafka', fault);
    return tally;
  } finally {
    await producer.close();
    if (hasEnded(replica)) tally.fault('the service', `ended by itself: ${replica.log.slice(-5).join('\n')}`);
    const code = await stopReplica(replica, 'SIGTERM');
    if (code !== 0) tally.fault('the service', `ended with ${code}`);
    await written;
    log.end();
  }
}

const hasEnded = ({ process: { exitCode, signalCode } }: Replica): boolean => exitCode !== null || signalCode !== null;

/** What the service was told or made and what was sent to it in confidence. */
const secretsOf = ({ databaseUrl }: Env): string[] =>
  [
    TOKEN,
    AUDIT_KEY.split('\n')[1]!,
    new URL(databaseUrl).password,
    CANARY,
    Buffer.from(`x:${CANARY}`).toString('base64'),
  ].filter((secret) => secret !== '');

async function sendAll(under: Under, inputs: number): Promise<void> {
  let next = -Math.min(WARM_UP, Math.ceil(inputs / 2));
  const sender = async (): Promise<void> => {
    while (next < inputs && !hasEnded(under.replica)) {
      next += 1;
      under.tally.look(next, under.replica.process.pid!);
      await one(under);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

/** From the router itself: the dialects' routes are in no document. */
async function listRoutes(): Promise<void> {
  const database = await testDatabase();
  const { server } = await startTestServer(database);
  await server.close();
  await database.drop();
}

async function one(under: Under): Promise<void> {
  const { random, doors, tally } = under;
  const kind = random();
  if (kind < RECORDS / RECORDS_AT_ONCE) return sendRecords(under);
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
  if (error instanceof Unsendable) return tally.unsent();
  const mayBeCut = (Buffer.isBuffer(sent.body) && sent.body.length > 200_000) || sent.method === 'TRACE';
  if (mayBeCut && ['ECONNRESET', 'EPIPE'].includes(error.code!)) return tally.answered(0);
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

async function sendRecords({ random, tally, producer, prefix }: Under): Promise<void> {
  const topic = `${prefix}commands`;
  const records = Array.from({ length: RECORDS_AT_ONCE }, () => recordFrom(random));
  for (const batch of batchesOf(records.filter((record) => sizeOf(record) <= BATCH_BYTES))) {
    const messages = batch.map(({ key, value, headers }) => ({
      ...{ topic, headers: new Map(headers) },
      ...(key ? { key } : {}),
      ...(value ? { value } : {}),
    }));
    await producer.send({ messages, acks: -1 } as never);
    tally.published(batch.length);
    for (const { key, rightId } of batch) if (rightId !== undefined) tally.rightIds.add(nameOf(key, rightId));
  }
}

const sizeOf = ({ key, value, headers }: Sendable): number =>
  [key, value, ...headers.flat()].reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);

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

/** Afterwards the service is there for others: it is ready, and says that it has handled all records. */
async function settle(replica: Replica, tally: Tally): Promise<void> {
  const handled = async (): Promise<number> => {
    const text = await (await fetch(`${replica.url}/metrics`)).text();
    return Number(/^shiplog_inbox_records_total ([\d.e+]+)$/m.exec(text)![1]);
  };
  const areHandled = async (): Promise<boolean> => (await handled()) >= tally.records;
  await until(areHandled, () => 'The records are not handled', SETTLED_MS).catch((error: Error) =>
    tally.fault('Kafka', error.message),
  );
  const { status } = await fetch(`${replica.url}/health/ready`);
  if (status !== 200) tally.fault('the service', `is not ready: ${status}`);
}
