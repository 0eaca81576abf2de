import { expect } from '@jest/globals';

import type { Decision } from '../target/decision.js';
import type { Deployment } from '../target/deployment.js';
import type { EventType, PlacedEvent } from '../target/events.js';
import type { RejectionCode } from '../target/rejections.js';
import { findDeployment, type Target } from '../target/target.js';
import { assertInvariants } from './invariants.js';
import type { Sending, Stream } from './sending.js';
import { emptyStream, send } from './stream.js';

/** An event by its type, or with the members of its data that matter. */
export type Expected = EventType | readonly [type: EventType, data: object];

/**
 * A stream that these commands made, each of which must have been accepted:
 * `given(create(), start({ version: '1' })).when(finish({})).thenEvents(['DeploymentFinished', { number: 1 }])`.
 */
export const given = (...past: Sending[]): { stream: Stream; when: (sending: Sending) => Then } => {
  const stream = past.reduce((before, sending) => {
    const { stream: after, decision } = send(before, sending);
    if (!('events' in decision)) throw new Error(`The past was refused: ${JSON.stringify(decision)}`);
    return after;
  }, emptyStream);
  return { stream, when: (sending) => thenOf(stream, sending) };
};

type Then = ReturnType<typeof thenOf>;

const thenOf = (before: Stream, sending: Sending) => {
  const { stream, decision } = send(before, sending);
  const appended = stream.events.slice(before.events.length);
  assertInvariants(stream.events);
  const then = {
    stream,
    /** Accepted with exactly these events, in this order. */
    thenEvents: (...expected: Expected[]) => {
      expect(outcomeOf(decision)).toBe('accepted');
      expect(appended.map(({ type }) => type)).toEqual(expected.map((each) => (isType(each) ? each : each[0])));
      expected.forEach((each, index) => isType(each) || expect(appended[index]?.data).toMatchObject(each[1]));
      return then;
    },
    /** Accepted without an event. */
    thenNothing: () => {
      expect(outcomeOf(decision)).toBe('accepted');
      expect(appended).toEqual([]);
      return then;
    },
    /** Refused with this code, and with words like these. */
    thenRejected: (code: RejectionCode, like: object = {}) => {
      expect(decision).toMatchObject({ rejected: code, detail: expect.any(String), ...like });
      expect(appended).toEqual([]);
      return then;
    },
    /** The members of the deployment that matter, as it stands now. */
    andDeployment: (number: number, expected: Partial<Deployment>) => {
      expect(deploymentOf(stream, number)).toMatchObject(expected);
      return then;
    },
    andTarget: (expected: Partial<Target>) => {
      expect(stream.target).toMatchObject(expected);
      return then;
    },
    /** The events themselves, with their times. */
    events: appended as readonly PlacedEvent[],
  };
  return then;
};

export const deploymentOf = (stream: Stream, number: number): Deployment | null => findDeployment(stream.whole, number);

const isType = (expected: Expected): expected is EventType => typeof expected === 'string';

const outcomeOf = (decision: Decision) => {
  if ('rejected' in decision) return `${decision.rejected}: ${decision.detail}`;
  return 'needs' in decision ? 'needs history' : 'accepted';
};
