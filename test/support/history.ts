import { randomUUID } from 'node:crypto';

/** One answer that a client has seen for a command id; `status` 0 stands for a connection that broke before the answer. */
export type Seen = Readonly<{ url: string; status: number; body: string; invokedAt: number; returnedAt: number }>;

/** What a client knows of one command: every answer ever seen for its id, and whether it is settled. */
export type Attempt = {
  readonly id: string;
  readonly path: string;
  readonly body: unknown;
  /** The version of the target that it is decided on, or not at all. */
  readonly expectedVersion?: number;
  readonly seen: Seen[];
};

const unsettled = new Set([0, 429, 503]);
export const isSettled = (attempt: Attempt): boolean => attempt.seen.some(({ status }) => !unsettled.has(status));

/** A new attempt with an id of its own. */
export const newAttempt = (path: string, body: unknown): Attempt => ({ id: randomUUID(), path, body, seen: [] });

/** Sends the attempt once to this replica and notes what came back. */
export const send = async (attempt: Attempt, url: string, token: string): Promise<Seen> => {
  const invokedAt = performance.now();
  const answer = await fetch(`${url}/api/v1${attempt.path}`, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': attempt.id },
      ...(attempt.expectedVersion === undefined ? {} : { 'if-match': `"${attempt.expectedVersion}"` }),
    },
    body: JSON.stringify(attempt.body),
    signal: AbortSignal.timeout(15_000),
  }).then(
    async (response) => ({ status: response.status, body: await response.text() }),
    () => ({ status: 0, body: '' }),
  );
  const seen = { url, ...answer, invokedAt, returnedAt: performance.now() };
  attempt.seen.push(seen);
  return seen;
};

/** Sends the attempt until it is settled, to whichever replica `pick` names at the time. */
export const settle = async (attempt: Attempt, pick: () => string, token: string): Promise<void> => {
  for (let tries = 0; !isSettled(attempt); tries += 1) {
    if (tries === 200)
      throw new Error(`${attempt.id} has no outcome after 200 tries: ${JSON.stringify(attempt.seen.at(-1))}`);
    const { status } = await send(attempt, pick(), token);
    if (unsettled.has(status)) await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
