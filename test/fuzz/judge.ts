import type { Contract } from '../support/contract.js';
import type { Answered, Sent } from '../support/wire.js';
import type { Door } from './requests.js';

/** Longer than a read waits for its view. */
const SLOW_MS = 10_000;

/** What an answer must not be, whatever was asked; undefined where it is as it should be. */
export const faultOf = (
  door: Door,
  { method, path }: Sent,
  { answered, ms, contract }: Readonly<{ answered: Answered; ms: number; contract: Contract }>,
): string | undefined => {
  const { status, headers, body } = answered;
  const retry = headers['retry-after'];
  if (status >= 500 && !(status === 503 && retry !== undefined)) return `${status}: ${body.slice(0, 300)}`;
  if (redirects(status) && !REDIRECTS.test(door.url)) return `a redirect (${status}) to ${headers.location}`;
  if (isLate(door, ms)) return `took ${Math.round(ms)} ms`;
  if (/\n\s+at .+:\d+:\d+/.test(body)) return `a stack trace: ${body.slice(0, 300)}`;
  // Node refuses them before there is a route whose document could say so.
  if (status === 431) return undefined;
  if (!isOurs(door)) return faultOfDialect(answered);
  try {
    const kept = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    );
    contract.check(method!, path, { status, headers: new Headers(kept as [string, string][]), text: body });
    return undefined;
  } catch (error) {
    return `not as documented: ${(error as Error).message.slice(0, 500)}`;
  }
};

const redirects = (status: number): boolean => status >= 300 && status < 400 && status !== 304;

/** A stream is followed for as long as something comes. */
const isLate = ({ url }: Door, ms: number): boolean => ms > SLOW_MS && !url.endsWith('/live');

/** Pages for people in the place of a client's answer. */
const REDIRECTS = /^\/(docs|manage\/)/;

/** `/health` alone is Versioner's. */
const isOurs = ({ url }: Door): boolean => /^\/(api\/v1|health\/|metrics|openapi|asyncapi)/.test(url);

const faultOfDialect = ({ headers, body }: Answered): string | undefined => {
  const type = headers['content-type'];
  if (body === '' || !type?.includes('json')) return undefined;
  try {
    JSON.parse(body);
    return undefined;
  } catch {
    return `is no JSON: ${body.slice(0, 200)}`;
  }
};
