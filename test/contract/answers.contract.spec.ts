import { beforeAll, describe, expect, it } from '@jest/globals';
import { problemExample } from '#contracts';
import { API, newTarget, type Loose, type Reply } from '../support/server.js';
import { suiteServer } from '../support/suite.js';

const api = suiteServer();
let path: string;
let answered: Reply;
beforeAll(async () => {
  ({ path } = await newTarget(api));
  answered = await api.call(`${path}/finish`, { body: { version: '1' } });
});

type Changed = Readonly<{ status?: number; header?: [string, string | null]; body?: unknown; text?: string }>;
/** The answer that came, with something else in it. */
const checkWith = ({ status = answered.status, header, body = answered.body, text }: Changed): void => {
  const headers = new Headers(answered.headers);
  if (header?.[1] === null) headers.delete(header[0]);
  else if (header) headers.set(header[0], header[1]);
  api.contract.check('POST', `${path}/finish`, { status, headers, text: text ?? JSON.stringify(body) });
};

describe('an answer', () => {
  it('passes as it is', () => {
    expect(answered.status).toBe(201);
    expect(() => checkWith({})).not.toThrow();
  });

  it.each<[string, (body: Loose) => Changed, RegExp]>([
    ['a status that is not documented', () => ({ status: 202 }), /→ 202 .* the status is not documented/],
    ['a promised header left out', () => ({ header: ['location', null] }), /the header Location is null/],
    ['a header spelled otherwise', () => ({ header: ['etag', '1'] }), /the header ETag is 1/],
    ['a header that is not promised', () => ({ header: ['retry-after', '1'] }), /retry-after is not documented/],
    ['another media type', () => ({ header: ['content-type', 'text/html'] }), /the media type is text\/html/],
    ['a member left out', ({ position: _, ...body }) => ({ body }), /required property 'position'/],
    [
      'a member more',
      (body) => ({ body: { ...body, more: 1 } }),
      /NOT have additional properties \{"additionalProperty":"more"\}/,
    ],
    [
      'a member more, deep within',
      ({ target, ...body }) => ({
        body: { ...body, target: { ...target, settings: { ...target.settings, more: 1 } } },
      }),
      /\/target\/settings .*"more"/,
    ],
    ['a number as a text', (body) => ({ body: { ...body, version: '2' } }), /\/version must be integer/],
    [
      'a value that is none of them',
      (body) => ({ body: { ...body, outcome: 'perhaps' } }),
      /\/outcome must be equal to one/,
    ],
  ])('with %s fails the test', (_what, changed, message) => {
    expect(() => checkWith(changed(answered.body))).toThrow(message);
  });

  it('that refuses may have only the codes of its route', () => {
    const headers = new Headers({ 'content-type': 'application/problem+json' });
    const refuse = (code: 'unknown_rule' | 'version_required') => (): void =>
      api.contract.check('POST', `${path}/finish`, {
        status: 422,
        headers,
        text: JSON.stringify(problemExample(code)),
      });
    expect(refuse('version_required')).not.toThrow();
    expect(refuse('unknown_rule')).toThrow(/\/code must be equal to one of the allowed values/);
  });

  it('of no route may only say so', () => {
    const headers = new Headers({ 'content-type': 'application/json' });
    const check = (): void => api.contract.check('GET', `${API}/nothing`, { status: 200, headers, text: '{}' });
    expect(check).toThrow(/no route is documented, and this is application\/json/);
  });

  it('in lines is read line by line', async () => {
    const { text, headers } = await api.call(`${API}/events`, { headers: { accept: 'application/x-ndjson' } });
    const events = text.trim().split('\n');
    expect(events.length).toBeGreaterThan(1);
    const check = (lines: readonly string[]): void =>
      api.contract.check('GET', `${API}/events`, { status: 200, headers, text: lines.join('\n') });
    expect(() => check(events)).not.toThrow();
    expect(() => check([...events, events[0]!.replace('"position":1,', '"position":0,')])).toThrow(
      /a line .*\/position/,
    );
  });

  it('to HEAD has the headers and no body', async () => {
    expect(await api.call(path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    const headers = new Headers({ etag: '"1"' });
    expect(() => api.contract.check('HEAD', path, { status: 200, headers, text: '{}' })).toThrow(/nothing was to come/);
  });
});
