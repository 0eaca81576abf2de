import { randomUUID } from 'node:crypto';
import type { Service } from './configure.js';
import { EXIT, exitCodeOf, Failure } from './exit-codes.js';

const TRIES = 4;
const TIMEOUT_MS = 30_000;
const LONGEST_PAUSE_MS = 10_000;

type Problem = Readonly<{
  code?: string;
  detail?: string;
  errors?: ReadonlyArray<Readonly<{ field: string; message: string }>>;
}>;
type Answered = Readonly<{ status: number; retryAfter: string | null; text: string }>;

/**
 * Sends a command, and again where the service was not to be reached: always under the same id, so that it is done once.
 * Throws a `Failure` where it is refused.
 */
export async function sendCommand({ url, token }: Service, path: string, body: object): Promise<unknown> {
  const id = randomUUID();
  for (let tried = 1; ; tried += 1) {
    const answered = await post(`${url}${path}`, body, {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': id,
    }).catch((error: unknown) => unreachable(url, error));
    if (!(answered instanceof Failure) && answered.status < 300) return read(answered.text, url);
    const failure = answered instanceof Failure ? answered : refusal(answered, url);
    if (failure.code !== EXIT.unreachable || tried === TRIES) throw failure;
    const seconds = answered instanceof Failure ? 0 : Number(answered.retryAfter);
    await pause(Math.min((seconds || 2 ** (tried - 2)) * 1_000, LONGEST_PAUSE_MS));
  }
}

async function post(url: string, body: object, headers: Record<string, string>): Promise<Answered> {
  const sent = { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error' } as const;
  const response = await fetch(url, { ...sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() };
}

/** The reason lies below what `fetch` throws. */
function unreachable(url: string, error: unknown): Failure {
  const { message, cause } = error as Error;
  return new Failure(EXIT.unreachable, `${url} cannot be reached: ${(cause as Error | undefined)?.message || message}`);
}

function refusal({ status, text }: Answered, url: string): Failure {
  const { code, detail, errors } = read(text, url, status) as Problem;
  const lines = errors?.map(({ field, message }) => `${field} ${message}`) ?? [];
  return new Failure(exitCodeOf(status), [detail ?? `${url} answered ${status}.`, ...lines].join('\n'), code);
}

/** What is no JSON was not said by the service, but by something before it. */
function read(text: string, url: string, status = 200): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(status < 300 ? EXIT.unreachable : exitCodeOf(status), `${url} answered ${status}, and no JSON.`);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
