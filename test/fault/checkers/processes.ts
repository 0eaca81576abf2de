import { groupBy } from '#runtime';
import { Findings, isWithin, type Span, type Violation } from './evidence.js';

/** An end that nobody asked for: with which code or signal, and the last lines that the process wrote. */
export type Exit = Readonly<{ replica: number; reason: string; log: readonly string[] }>;

const LAST_LINES = 3;

/** X1: no process ends that nobody told to. */
export const checkExits = (exits: readonly Exit[]): Violation[] => {
  const found = new Findings();
  for (const { replica, reason, log } of exits)
    found.add('X1', `replica ${replica} ended by itself (${reason}): ${log.slice(-LAST_LINES).join('\n')}`);
  return found.violations;
};

/** As the logs of replicas tell it. */
const momentOf = (ms: number): string => new Date(ms).toISOString();

const meets = (one: Span, other: Span): boolean => one.start <= other.end && other.start <= one.end;

/** A process that ended before it listened: from when it was started until it ended. */
export type FailedStart = Span & Readonly<{ replica: number; why: string }>;

/** X1: a start fails only where PostgreSQL was struck at some moment of it. */
export const checkStarts = (failed: readonly FailedStart[], struck: readonly Span[]): Violation[] => {
  const found = new Findings();
  for (const each of failed)
    found.check(
      struck.some((span) => meets(each, span)),
      'X1',
      () =>
        `replica ${each.replica}, begun at ${momentOf(each.start)}, did not start, with nothing wrong with PostgreSQL: ${each.why}`,
    );
  return found.violations;
};

/** What a replica answered to a request, and when that was sent; `status` 0 where the connection broke first. */
export type Reply = Readonly<{ url: string; status: number; body: string; invokedAt: number; returnedAt: number }>;

/** X4, X5: a good command is never taken for a bad one, and what fails does so with 503. */
export const checkReplies = (replies: readonly Reply[]): Violation[] => {
  const found = new Findings();
  for (const { status, body } of replies) {
    found.check(![400, 401, 403].includes(status), 'X4', () => `a good command was answered ${status}: ${body}`);
    found.check(status < 500 || status === 503, 'X5', () => `a command was answered ${status}: ${body}`);
  }
  return found.violations;
};

const REFUSALS = new Set([400, 413, 415, 422]);

/** X4: bad input is refused as such, or told to come again. */
export const checkRefusals = (statuses: readonly number[]): Violation[] => {
  const found = new Findings();
  for (const status of new Set(statuses))
    found.check(REFUSALS.has(status) || status === 503, 'X4', () => `bad input was answered ${status}`);
  return found.violations;
};

/** A replica that was told to end: where it listened, when it was told, and the code it ended with (null: it had to be killed). */
export type Stop = Readonly<{ url?: string; at: number; code: number | null }>;

/** In which a request reaches a replica that runs. */
const LET_IN_MS = 200;

/** X8: who is told to end answers what it has let in, and ends with 0. */
export const checkStops = (stops: readonly Stop[], replies: readonly Reply[]): Violation[] => {
  const found = new Findings();
  for (const { url, at, code } of stops) {
    found.check(code === 0, 'X8', () => `a replica that was told to end did so with ${code}`);
    for (const { status, body, ...sent } of replies) {
      const wasLetIn = sent.url === url && sent.invokedAt < at - LET_IN_MS && sent.returnedAt > at;
      const wasAnswered = status !== 0 && status !== 503;
      found.check(
        !wasLetIn || wasAnswered,
        'X8',
        () => `what was let in before SIGTERM was answered ${status} ${body}`,
      );
    }
  }
  return found.violations;
};

/** How many connections the database had from replicas at some moment, and for how long each that was idle in a transaction. */
export type Connections = Readonly<{
  at: number;
  count: number;
  idleMs: ReadonlyArray<readonly [name: string, ms: number]>;
}>;

/** What connections may come to: how many, where no fault has left some behind, and for how long they may hold a transaction and do nothing. */
export type Allowed = Readonly<{ count: number; idleMs: number; faults: readonly Span[] }>;

/** X3: replicas have the connections of their pools and no more, and none sits in a transaction for longer than it may. */
export const checkConnections = (looks: readonly Connections[], allowed: Allowed): Violation[] => {
  const found = new Findings();
  for (const { at, count, idleMs } of looks) {
    const isBound = !isWithin(at, allowed.faults);
    found.check(
      !isBound || count <= allowed.count,
      'X3',
      () => `${count} connections at ${momentOf(at)}, where ${allowed.count} may be`,
    );
    for (const [name, ms] of idleMs)
      found.check(
        ms <= allowed.idleMs,
        'X3',
        () => `${name} was idle in a transaction for ${Math.round(ms)} ms at ${momentOf(at)}`,
      );
  }
  return found.violations;
};

/** The resident memory of a process, so long after it was started. */
export type Weight = Readonly<{ replica: number; pid: number; ageMs: number; bytes: number }>;

/** X2: how much memory a process may have at any time, and by how much it may grow once it is warm. */
export type Room = Readonly<{ bytes: number; growth: number; warmMs: number; seenForMs: number }>;

/** X2: memory has a bound, and of a process that was watched for long enough it stays where it was once that was warm. */
export const checkMemory = (weights: readonly Weight[], room: Room): Violation[] => {
  const found = new Findings();
  for (const own of groupBy(weights, ({ pid }) => pid).values()) {
    const { replica, bytes: most } = own.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    found.check(
      most <= room.bytes,
      'X2',
      () => `replica ${replica} had ${megabytes(most)}, of ${megabytes(room.bytes)}`,
    );
    const warm = own.filter(({ ageMs }) => ageMs >= room.warmMs);
    if (warm.length === 0 || warm.at(-1)!.ageMs - warm[0]!.ageMs < room.seenForMs) continue;
    const quarter = Math.ceil(warm.length / 4);
    const [before, after] = [medianOf(warm.slice(0, quarter)), medianOf(warm.slice(-quarter))];
    found.check(
      after - before <= room.growth,
      'X2',
      () => `replica ${replica} grew from ${megabytes(before)} to ${megabytes(after)} while it was warm`,
    );
  }
  return found.violations;
};

const medianOf = (weights: readonly Weight[]): number =>
  weights.map(({ bytes }) => bytes).sort((a, b) => a - b)[Math.floor(weights.length / 2)]!;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;
