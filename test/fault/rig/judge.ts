import { Readable } from 'node:stream';
import { verifyExport } from '#audit';
import { groupBy } from '#runtime';
import { verifyAll } from '../../support/verify.js';
import {
  checkAnswers,
  checkCheckpoints,
  checkCurrentTopic,
  checkDeadlines,
  checkDedupable,
  checkDuplicates,
  checkConnections,
  checkExits,
  checkInbound,
  checkLateness,
  checkMemory,
  checkOverdue,
  checkReads,
  checkRefusals,
  checkRepeats,
  checkReplies,
  checkStarts,
  checkStops,
  checkStore,
  checkTopic,
  digestOf,
  eventsToPublish,
  latenessOf,
  outcomesToPublish,
  publishedBy,
  standingOf,
  type CheckpointSample,
  type Late,
  type OffsetSample,
  type Span,
  type Violation,
} from '../checkers/index.js';
import { PROJECT, targets } from './commands.js';
import { find, operationsOf, type Found } from './evidence.js';
import type { Fleet } from './fleet.js';
import type { KafkaHistory } from './kafka-writer.js';
import { REPLICAS, strikesPostgres } from './plan.js';
import type { Suffered } from './report.js';
import type { RestHistory } from './rest-writer.js';
import type { Servers } from './servers.js';
import { PREFIX, TOKEN } from './settling.js';
import type { Watch } from './watch.js';

/** What a send carries at most: so many records may go out again with each fault. */
const SEND = 1_000;
/** Of one replica: readers 10, the log 4, loops 10, the store 4, tokens 3, names 3; one each for appends, signals, lookups and migrations. */
const CONNECTIONS = 38;
const LINGER_MS = 3_000;
/** As the service sets it, and a little. */
const IDLE_IN_TRANSACTION_MS = 11_000;
const MIB = 1024 ** 2;
const ROOM = { bytes: 768 * MIB, growth: 128 * MIB, warmMs: 20_000, seenForMs: 30_000 };

export type Case = Readonly<{
  rest: RestHistory;
  kafka: KafkaHistory;
  watch: Watch;
  fleet: Fleet;
  servers: Servers;
  suffered: readonly Suffered[];
  /** How late time-outs may be where nothing is wrong, in milliseconds. */
  punctualMs: number;
}>;
type Given = Case & Readonly<{ found: Found; late: readonly Late[] }>;

/** Reads all that is left of a run, ends the replicas, and says what is not as the page on guarantees has it. */
export async function judge(given: Case): Promise<{ found: Found; late: readonly Late[]; violations: Violation[] }> {
  const { servers, watch, fleet, kafka } = given;
  const found = await find(watch, { brokers: servers.brokers, prefix: PREFIX }, kafka);
  const views = await verifyAll(servers.databaseUrl, found.events.length);
  const late = latenessOf(found.events, troubles(given.suffered));
  const whole = { ...given, found, late };
  const violations = [
    ...judgeStore(whole),
    ...judgeCommands(whole),
    ...judgeTopics(whole, await readCurrent(fleet)),
    ...views.map((what) => ({ invariant: 'R1', what })),
    ...checkReads(given.rest.reads),
    ...(await judgeAudit(fleet)),
  ];
  await fleet.stop();
  return { found, late, violations: [...violations, ...judgeProcesses(whole)] };
}

/** What is current on each target by its key on the topics, as a client of HTTP is told. */
async function readCurrent(fleet: Fleet): Promise<Map<string, string | null>> {
  const current = new Map<string, string | null>();
  for (const target of targets) {
    const { status, text } = await get(fleet, `/projects/${PROJECT}/targets/${target}/current`);
    current.set(`${PROJECT}/${target}`, status === 200 ? text : null);
  }
  return current;
}

/** A1: what auditors do, with what they are given over HTTP. */
async function judgeAudit(fleet: Fleet): Promise<Violation[]> {
  const checkpoints = (await get(fleet, '/audit/checkpoints?limit=200', 'text/plain')).text;
  const keys = (await get(fleet, '/audit/key', 'text/plain')).text;
  const { text } = await get(fleet, '/events?hashes=true', 'application/x-ndjson');
  const events = Readable.from([Buffer.from(text)]);
  const { verdict, message } = await verifyExport({ events, checkpoints, keys });
  return verdict === 'verified' ? [] : [{ invariant: 'A1', what: message }];
}

async function get(fleet: Fleet, path: string, accept = 'application/json'): Promise<{ status: number; text: string }> {
  const ask = (): Promise<Response> =>
    fetch(`${fleet.anyUrl()}/api/v1${path}`, { headers: { authorization: `Bearer ${TOKEN}`, accept } });
  // A replica may close a connection that has been idle since the run in the moment in which it is used again.
  const response = await ask().catch(ask);
  return { status: response.status, text: await response.text() };
}

function judgeStore({ found: { now, events, outcomes }, late, watch, punctualMs }: Given): Violation[] {
  const { tailed } = watch;
  const { overdue, early } = standingOf(events, now);
  return [
    ...checkStore({
      events,
      outcomes,
      digests: [{ count: tailed.length, digest: digestOf(tailed) }],
      tailed: tailed.map(({ position }) => position),
    }),
    ...checkDeadlines(events),
    ...checkLateness(late, punctualMs),
    ...checkOverdue(overdue),
    ...early.map((what) => ({ invariant: 'T2', what })),
  ];
}

function judgeCommands({ found, rest, kafka, watch }: Given): Violation[] {
  const { events, outcomes, commands: records, deadLetters, offsets } = found;
  const last = [...offsets].map(([partition, next]): OffsetSample => ({
    partition,
    next,
    outcomes: Infinity,
    deadLetters: Infinity,
  }));
  const inbound = { records, outcomes, deadLetters, samples: [...watch.offsets, ...last] };
  const elsewhere = new Set(kafka.both.map(({ id, path }) => `target:rig/${path.split('/').at(-2)} ${id}`));
  return [
    ...checkAnswers(operationsOf(rest, kafka, found.topics.outcomes), { events, outcomes }),
    ...checkInbound(inbound, elsewhere),
  ];
}

/** From the beginning of each fault until nothing was left of it: connections of the dead, sends that were still on their way. */
const troubles = (suffered: readonly Suffered[]): Span[] =>
  suffered.map(({ start, overAt }) => ({ start, end: overAt + LINGER_MS }));

/** A checkpoint of a topic that has a record for each place stands for what was on that topic then, not for where the log ended. */
function whereTheTopicsWere(samples: readonly CheckpointSample[], topics: Found['topics']): CheckpointSample[] {
  const reached = new Map(
    (['events', 'outcomes'] as const).map((name) => [`kafka:${PREFIX}${name}`, publishedBy(topics[name])]),
  );
  return samples.map((sample) => ({ ...sample, reached: reached.get(sample.name)?.(sample.at!) ?? sample.reached }));
}

function judgeTopics({ found, watch, suffered }: Given, current: ReadonlyMap<string, string | null>): Violation[] {
  const { topics, toldAgain } = found;
  const samples = groupBy(whereTheTopicsWere(watch.checkpoints, topics), ({ name }) => name);
  const settled = new Map([...current].filter(([key]) => !toldAgain.has(key)));
  return [
    ...checkTopic(eventsToPublish(found.events), topics.events),
    ...checkDuplicates(topics.events, (suffered.length + 1) * SEND),
    ...checkRepeats(topics.events, troubles(suffered)),
    ...checkRepeats(topics.outcomes, troubles(suffered)),
    ...checkTopic(outcomesToPublish(found.outcomes), topics.outcomes),
    ...checkDedupable(topics.current),
    ...checkCurrentTopic(settled, topics.current),
    ...[...samples].flatMap(([name, own]) => checkCheckpoints(own, name.startsWith('kafka:') ? 'K7' : 'R3')),
  ];
}

function judgeProcesses({ rest, kafka, watch, fleet, suffered }: Case): Violation[] {
  const replies = [...rest.attempts, ...rest.reuses.map(({ attempt }) => attempt), ...kafka.both].flatMap(
    ({ seen }) => seen,
  );
  const struck = suffered.filter(({ kind }) => strikesPostgres(kind));
  const faults = troubles(suffered);
  return [
    ...checkExits(fleet.exits),
    ...checkStarts(fleet.failedStarts, struck),
    ...checkMemory(watch.weights, ROOM),
    ...checkConnections(watch.connections, { count: REPLICAS * CONNECTIONS, idleMs: IDLE_IN_TRANSACTION_MS, faults }),
    ...checkRefusals(rest.poisons),
    ...checkReplies(replies),
    ...checkStops(fleet.stops, replies),
  ];
}
