import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './configure.js';
import { EXIT, exitCodeOf, Failure } from './exit-codes.js';

const TRIES = 4;
const TIMEOUT_MS = 30_000;
/** What a request that was sent is still waited for when nobody wants to wait any more: it may have been done. */
const GRACE_MS = 5_000;
const LONGEST_PAUSE_MS = 10_000;
/** What the service asks for is waited for up to here: limits of requests are by the minute. */
const LONGEST_ASKED_MS = 60_000;

type Problem = Readonly<{
  code?: string;
  detail?: string;
  errors?: ReadonlyArray<Readonly<{ field: string; message: string }>>;
}>;

/** What to do, by the path of the API. */
export type Order = Readonly<{ method: 'POST' | 'PATCH' | 'DELETE'; path: string; body: object }>;

/**
 * For how long something is tried, four times unless given; once `until` is aborted no more, and what is under way ends soon.
 * `atFirst` hears why it did not go the first time, where it is tried again.
 */
export type Patience = Readonly<{ forMs?: number; until?: AbortSignal; atFirst?: (failure: Failure) => void }>;

/**
 * Sends a command, and again where the service was not to be reached: always under the same id, so that it is done once.
 * Resolves with the answer; throws a `Failure` where it is refused.
 */
export async function sendCommand(
  service: Service,
  { method, path, body }: Order,
  patience: Patience = {},
): Promise<unknown> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  return reach(service, path, { method, headers, body: JSON.stringify(body), ...patience }, jsonIn(service));
}

/** What a read answers. Throws a `Failure` where there is no answer. */
export const ask = (service: Service, path: string): Promise<unknown> => reach(service, path, {}, jsonIn(service));

type Page<T> = Readonly<{ items: readonly T[]; nextCursor: string | null }>;

/** The items of a list, page by page, as they are wanted. */
export async function* itemsOf<T>(service: Service, path: string, filters: URLSearchParams): AsyncGenerator<T> {
  const asked = new URLSearchParams(filters);
  for (let cursor: string | null = ''; cursor !== null;) {
    if (cursor !== '') asked.set('cursor', cursor);
    const page = (await ask(service, `${path}?${asked}`)) as Page<T>;
    yield* page.items;
    cursor = page.nextCursor;
  }
}

/**
 * What `take` makes of an answer of success, which is asked for again while the service is away. Throws a `Failure` for any
 * other answer. What is still to come when `take` is done, may come as slowly as it likes.
 */
export async function reach<T>(
  service: Service,
  path: string,
  { forMs, until, atFirst, ...asked }: RequestInit & Patience,
  take: (response: Response) => Promise<T>,
): Promise<T> {
  const late = performance.now() + (forMs ?? 0);
  for (let tried = 1; ; tried += 1) {
    const taken = await once(service, path, { ...asked, until }, take).catch((error: unknown) =>
      error instanceof Failure ? new Refused(error) : new Refused(unreachable(service, error)),
    );
    if (!(taken instanceof Refused)) return taken;
    const { failure, retryAfter } = taken;
    const isLast = forMs === undefined ? tried === TRIES : performance.now() > late;
    if (failure.code !== EXIT.unreachable || isLast || until?.aborted) throw failure;
    if (tried === 1) atFirst?.(failure);
    const own = Math.min(2 ** (tried - 2) * 1_000, LONGEST_PAUSE_MS);
    const asksFor = Math.min(retryAfter * 1_000, LONGEST_ASKED_MS);
    await sleep(Math.max(asksFor, own), undefined, { signal: until }).catch(() => undefined);
  }
}

class Refused {
  constructor(
    readonly failure: Failure,
    /** Seconds; 0 where nothing was said. */
    readonly retryAfter = 0,
  ) {}
}

async function once<T>(
  { url, token }: Service,
  path: string,
  { until, ...asked }: RequestInit & Readonly<{ until: AbortSignal | undefined }>,
  take: (response: Response) => Promise<T>,
): Promise<T | Refused> {
  const late = new AbortController();
  const within = (ms: number) => setTimeout(() => late.abort(new Error(`no answer in ${ms / 1_000} s`)), ms);
  const timers = [within(TIMEOUT_MS)];
  const hurry = (): void => void timers.push(within(GRACE_MS));
  until?.addEventListener('abort', hurry);
  try {
    const headers = { authorization: `Bearer ${token}`, ...asked.headers };
    const response = await fetch(`${url}${path}`, { ...asked, headers, redirect: 'error', signal: late.signal });
    if (response.ok) return await take(response);
    const seconds = Number(response.headers.get('retry-after'));
    return new Refused(refusal(await response.text(), response.status, url), seconds || 0);
  } finally {
    until?.removeEventListener('abort', hurry);
    timers.forEach(clearTimeout);
  }
}

/** The reason lies below what `fetch` throws. */
export function unreachable({ url }: Service, error: unknown): Failure {
  const { message, cause } = error as Error;
  return new Failure(EXIT.unreachable, `${url} cannot be reached: ${(cause as Error | undefined)?.message || message}`);
}

function refusal(text: string, status: number, url: string): Failure {
  const { code, detail, errors } = read(text, url, status) as Problem;
  const lines = errors?.map(({ field, message }) => `${field} ${message}`) ?? [];
  return new Failure(exitCodeOf(status), [detail ?? `${url} answered ${status}.`, ...lines].join('\n'), code);
}

const jsonIn =
  ({ url }: Service) =>
  async (response: Response): Promise<unknown> =>
    read(await response.text(), url, response.status);

/** What is no JSON was not said by the service, but by something before it. */
function read(text: string, url: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(status < 300 ? EXIT.unreachable : exitCodeOf(status), `${url} answered ${status}, and no JSON.`);
  }
}
