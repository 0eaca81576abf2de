import { API, type Call, type Loose, type Reply, type TestServer } from '../../support/server.js';
import type { Exit, Violation } from '../checkers/index.js';
import type { Detour } from './detour.js';

/** The running replicas that are asked, and what is around them. */
export type Place = Readonly<{
  urls: readonly string[];
  /** The first one: it may do everything. */
  token: string;
  /** Past all proxies. */
  databaseUrl: string;
  /** Where the service is built that the replicas run. */
  dist: string;
  /** An issuer that the replicas know. */
  detour: Detour;
  /** Replicas that have ended by themselves, up to now. */
  exits(): readonly Exit[];
}>;

/** Asks running replicas for what somebody should not get, or too much, and judges what comes of it. Writes to projects of its own. */
export type Probe = (place: Place) => Promise<Violation[]>;

/** Sends each request to the next replica; tests of one process have a client that is called in the same way. */
export const callerOf = ({ urls, token }: Pick<Place, 'urls' | 'token'>): Pick<TestServer, 'call'> => {
  let next = 0;
  return {
    call: <B = Loose>(path: string, call: Call = {}): Promise<Reply<B>> => {
      next += 1;
      return send<B>(`${urls[next % urls.length]}${path}`, { token, ...call });
    },
  };
};

async function send<B>(url: string, { method, headers, body, raw, token }: Call): Promise<Reply<B>> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method: method ?? (content === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  const isJson = text !== '' && /[/+]json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** What cannot be done makes no probe: nothing was asked then. */
export const must = <B>(reply: Reply<B>): Reply<B> => {
  if (reply.status >= 300) throw new Error(`A probe could not be made: ${reply.status} ${reply.text}`);
  return reply;
};

const TRIES = 20;

type Answer = Readonly<{ status?: number; position?: number }>;

/** Sends these commands together, and again where nobody knows yet what became of them; answers the position of the last outcome. */
export const sendAll = async (place: Pick<Place, 'urls' | 'token'>, commands: readonly object[]): Promise<number> => {
  const { call } = callerOf(place);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const reply = await call<readonly Answer[]>(`${API}/commands`, { body: commands });
    if (reply.status === 503) continue;
    const { body } = must(reply);
    const open = body.filter(({ position }) => position === undefined);
    if (open.length === 0) return body.at(-1)!.position!;
    if (open.some(({ status }) => status !== 503)) throw new Error(`A probe could not be made: ${reply.text}`);
  }
  throw new Error(`A probe could not be made: after ${TRIES} tries some of its commands have no outcome.`);
};
