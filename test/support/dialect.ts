import type { Answered, Sent } from './wire.js';
import { exchange } from './wire.js';

/** What came back from a dialect, its JSON read. */
export type Said<B = never> = Answered & Readonly<{ json: B }>;

/** Talks to a dialect as its clients do, by this token. */
export const speaker =
  (url: string, token: string, headers: Readonly<Record<string, string>> = {}) =>
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at what came, whatever it is.
  async (method: string, path: string, body?: unknown, more: Partial<Sent> = {}): Promise<Said<any>> => {
    const sent = { method, path, token, ...(body === undefined ? {} : { body }), ...more };
    const answered = await exchange(url, { ...sent, headers: { ...headers, ...more.headers } });
    const isJson = answered.body !== '' && answered.headers['content-type'] === 'application/json; charset=utf-8';
    return { ...answered, json: isJson ? JSON.parse(answered.body) : undefined };
  };
