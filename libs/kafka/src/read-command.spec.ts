import { describe, expect, it } from '@jest/globals';
import { isPoison, peopleOf, readCommand, submissionOf, type Candidate, type Rights } from './read-command.js';

const origin = { topic: 'commands', partition: 2, offset: '41' };
const open: Rights = { projects: '*', trustActor: false };
const trusted: Rights = { projects: '*', trustActor: true };
const command = {
  type: 'FinishDeployment',
  project: 'web-shop',
  target: 'production',
  data: { version: '1.4.0' },
};
const record = (sent: object | string, more: object = {}): never =>
  ({
    key: Buffer.from('web-shop/production'),
    value: Buffer.from(typeof sent === 'string' ? sent : JSON.stringify(sent)),
    headers: {},
    offset: '41',
    timestamp: String(Date.now() - 60_000),
    ...more,
  }) as never;
const read = (sent: object | string, rights = open, more: object = {}): Candidate => {
  const candidate = readCommand(record(sent, more), origin, rights);
  if (isPoison(candidate)) throw new Error(candidate.reason);
  return candidate;
};
const reasonOf = (sent: object | string, rights = open, more: object = {}): string => {
  const poison = readCommand(record(sent, more), origin, rights);
  return isPoison(poison) ? poison.reason : 'no poison';
};

describe('reading a record', () => {
  it('takes its id, and makes one of its place where it has none', () => {
    expect(read({ ...command, commandId: 'mine' }).submission.commandId).toBe('mine');
    expect(read(command).submission.commandId).toBe('shiplog:commands/2/41');
  });

  it('takes the time on the topic for the time of arrival, but none that is ahead', () => {
    const { context } = read(command);
    const seconds = (Date.now() - Date.parse(context.occurredAt)) / 1_000;
    expect(seconds).toBeGreaterThan(55);
    expect(seconds).toBeLessThan(70);
    const ahead = read(command, open, { timestamp: String(Date.now() + 3_600_000) });
    expect(Date.parse(ahead.context.occurredAt)).toBeLessThanOrEqual(Date.now());
  });

  it('refuses what is no command, whatever the bytes', () => {
    for (const bytes of ['', 'null', '[]', '{', '{"type":1}', '\u0000', '"x"'])
      expect(reasonOf(bytes)).toMatch(/^malformed: /);
    expect(reasonOf(command, open, { value: Buffer.from([0xff, 0xfe]) })).toMatch(/^malformed: /);
    expect(reasonOf(command, open, { value: null })).toMatch(/^malformed: /);
    expect(reasonOf(command, open, { key: null })).toMatch(/^malformed: key/);
    expect(reasonOf(command, open, { key: Buffer.from('web-shop/staging') })).toMatch(/^malformed: key/);
  });

  it('refuses a command id that only the service may make', () => {
    expect(reasonOf({ ...command, commandId: 'shiplog:x' })).toMatch(/^malformed: /);
  });

  it('refuses projects that the topic may not command', () => {
    expect(reasonOf(command, { ...open, projects: ['other'] })).toMatch(/^forbidden: /);
    expect(reasonOf(command, { ...open, projects: ['web-shop'] })).toBe('no poison');
  });

  it('reads past headers that are named like members of every object', () => {
    expect(reasonOf(command, open, { headers: { constructor: [Object, Buffer.from('x')] } })).toBe('no poison');
  });
});

describe('who sends a record', () => {
  const jane = { id: 'jane', name: 'Jane', kind: 'user' };

  it('is Kafka where payloads are not trusted, and the actor in the payload is a claim', () => {
    const candidate = read({ ...command, actor: { ...jane, kind: 'system' } });
    expect(candidate.actor).toEqual({ id: 'kafka', kind: 'service' });
    expect(candidate.claimedBy).toEqual({ id: 'jane', name: 'Jane' });
  });

  it('is the actor of the payload where it is trusted, and Kafka where there is none', () => {
    expect(read({ ...command, actor: jane }, trusted).actor).toEqual(jane);
    expect(read({ ...command, claimedBy: { id: 'bob' } }, trusted)).toMatchObject({
      actor: { id: 'kafka', kind: 'service' },
      claimedBy: { id: 'bob' },
    });
  });

  it('is never the system', () => {
    expect(reasonOf({ ...command, actor: { id: 'timekeeper', kind: 'system' } }, trusted)).toMatch(/^forbidden: /);
  });

  it('goes on under opaque ids where it is a person', () => {
    const candidate = read({ ...command, actor: jane, claimedBy: { id: 'bob' } }, trusted);
    expect(peopleOf(candidate)).toEqual([
      { id: 'jane', name: 'Jane', acts: true },
      { id: 'bob', acts: false },
    ]);
    expect(submissionOf(candidate, ['o1', 'o2']).context).toMatchObject({
      actor: { id: 'o1', kind: 'user' },
      claimedBy: { id: 'o2' },
    });
  });

  it('counts in what makes it the same command, as sent', () => {
    const fingerprints = [command, { ...command, actor: jane }, { ...command, actor: jane }].map((sent) =>
      Buffer.from(read(sent).submission.fingerprint).toString('hex'),
    );
    expect(fingerprints[0]).not.toBe(fingerprints[1]);
    expect(fingerprints[1]).toBe(fingerprints[2]);
  });
});
