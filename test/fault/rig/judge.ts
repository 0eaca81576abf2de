import { Readable } from 'node:stream';
import { verifyExport } from '#audit';
import { groupBy } from '#runtime';
import type { Seen } from '../../support/history.js';
import { verifyAll } from '../../support/verify.js';
import {
  checkAnswers,
  checkCheckpoints,
  checkCurrentTopic,
  checkDeadlines,
  checkDedupable,
  checkDuplicates,
  checkExits,
  checkInbound,
  checkStore,
  checkTopic,
  digestOf,
  eventsToPublish,
  outcomesToPublish,
  type OffsetSample,
  type Violation,
} from '../checkers/index.js';
import { PROJECT, targets } from './commands.js';
import { find, operationsOf, type Found } from './evidence.js';
import type { Fleet } from './fleet.js';
import type { KafkaHistory } from './kafka-writer.js';
import type { RestHistory } from './rest-writer.js';
import type { Servers } from './servers.js';
import { PREFIX, TOKEN } from './settling.js';
import type { Watch } from './watch.js';

/** What a send carries at most: so many records may go out again with each fault. */
const SEND = 1_000;
/** In which a request reaches a replica that runs. */
const LET_IN_MS = 200;

export type Case = Readonly<{
  rest: RestHistory;
  kafka: KafkaHistory;
  watch: Watch;
  fleet: Fleet;
  servers: Servers;
  faults: number;
}>;
type Given = Case & Readonly<{ found: Found }>;

/** Reads all that is left of a run, ends the replicas, and says what is not as the page on guarantees has it. */
export async function judge(given: Case): Promise<{ found: Found; violations: Violation[] }> {
  const { servers, watch, fleet, kafka } = given;
  const found = await find(watch, { brokers: servers.brokers, prefix: PREFIX }, kafka);
  const views = await verifyAll(servers.databaseUrl, found.events.length);
  const whole = { ...given, found };
  const violations = [
    ...judgeStore(whole),
    ...judgeCommands(whole),
    ...judgeTopics(whole, await readCurrent(fleet)),
    ...views.map((what) => ({ invariant: 'R1', what })),
    ...(await judgeAudit(fleet)),
  ];
  await fleet.stop();
  return { found, violations: [...violations, ...judgeProcesses(whole)] };
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
  const response = await fetch(`${fleet.anyUrl()}/api/v1${path}`, {
    headers: { authorization: `Bearer ${TOKEN}`, accept },
  });
  return { status: response.status, text: await response.text() };
}

function judgeStore({ found: { events, outcomes }, watch }: Given): Violation[] {
  const { tailed } = watch;
  return [
    ...checkStore({
      events,
      outcomes,
      digests: [{ count: tailed.length, digest: digestOf(tailed) }],
      tailed: tailed.map(({ position }) => position),
    }),
    ...checkDeadlines(events),
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

function judgeTopics({ found, watch, faults }: Given, current: ReadonlyMap<string, string | null>): Violation[] {
  const { topics, toldAgain } = found;
  const samples = groupBy(watch.checkpoints, ({ name }) => name);
  const settled = new Map([...current].filter(([key]) => !toldAgain.has(key)));
  return [
    ...checkTopic(eventsToPublish(found.events), topics.events),
    ...checkDuplicates(topics.events, faults * SEND),
    ...checkTopic(outcomesToPublish(found.outcomes), topics.outcomes),
    ...checkDedupable(topics.current),
    ...checkCurrentTopic(settled, topics.current),
    ...[...samples].flatMap(([name, own]) => checkCheckpoints(own, name.startsWith('kafka:') ? 'K7' : 'R3')),
  ];
}

/** Sent long enough before the replica was told to end, and still open then. */
const wasLetIn = (seen: Seen, asked: Readonly<{ url: string; at: number }>): boolean =>
  seen.url === asked.url && seen.invokedAt < asked.at - LET_IN_MS && seen.returnedAt > asked.at;

function judgeProcesses({ rest, kafka, watch, fleet }: Case): Violation[] {
  const statuses = new Set(
    [...rest.attempts, ...rest.reuses.map(({ attempt }) => attempt), ...kafka.both].flatMap(({ seen }) =>
      seen.map(({ status }) => status),
    ),
  );
  const failed = [...statuses].filter((status) => status >= 500 && status !== 503);
  const refused = [...rest.attempts, ...kafka.both].flatMap(({ seen }) =>
    seen.filter(({ status }) => status === 400 || status === 401 || status === 403),
  );
  const odd = [...new Set(rest.poisons)].filter((status) => ![400, 413, 415, 422, 503].includes(status));
  const dropped = [...rest.attempts, ...kafka.both].flatMap(({ seen }) =>
    seen.filter((each) => [0, 503].includes(each.status) && fleet.asked.some((asked) => wasLetIn(each, asked))),
  );
  const violations: (Violation | false)[] = [
    dropped.length > 0 && {
      invariant: 'X8',
      what: `${dropped.length} requests that a replica had let in before SIGTERM were not answered: ${dropped[0]!.status} ${dropped[0]!.body}`,
    },
    ...checkExits(fleet.exits),
    ...[...watch.strangeBackends].map((what) => ({ invariant: 'X3', what })),
    odd.length > 0 && { invariant: 'X4', what: `bad input was answered ${odd.join()}` },
    refused.length > 0 && {
      invariant: 'X4',
      what: `${refused.length} good commands were refused: ${refused[0]!.body}`,
    },
    failed.length > 0 && { invariant: 'X5', what: `commands were answered ${failed.join()}` },
    fleet.endings.some((code) => code !== 0) && {
      invariant: 'X8',
      what: `replicas that were told to end did so with ${[...new Set(fleet.endings)].join()}`,
    },
  ];
  return violations.filter((each) => each !== false);
}
