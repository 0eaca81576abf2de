import { addMinutes, toTime, type ClaimedBy, type PublicCommandType, type TargetCommand, type Time } from '#domain';
import { badInput, BadInput } from './bad-input.js';
import { check, compile } from './check.js';
import { httpBodies } from './dto/bodies.dto.js';
import { faultOf } from './inspect.js';

/** What a command is addressed to; `number` names one given deployment. */
export type Addressed = Readonly<{ type: PublicCommandType; project: string; target: string; number?: number }>;
export type HttpCommand = Readonly<{ command: TargetCommand; occurredAt?: Time; claimedBy?: ClaimedBy }>;

/** Has the checks of all bodies over HTTP ready, which the first request would wait for else. */
export const compileBodies = (): void => compile(Object.values(httpBodies));

/**
 * Reads the parsed body of a command over HTTP, of which it trusts nothing; no body (undefined) is an empty one. Times
 * come back in the domain's spelling. Throws BadInput.
 */
export const parseHttpCommand = (addressed: Addressed, body: unknown, { now }: { now: Time }): HttpCommand => {
  const fault = faultOf(body);
  if (fault) throw new BadInput([{ ...fault, field: fault.field || 'body' }]);
  const { occurredAt, claimedBy, ...data } = check(httpBodies[addressed.type], body === undefined ? {} : body);
  return {
    command: toCommand(addressed, data),
    ...(occurredAt === undefined ? {} : { occurredAt: occurredAtOf(occurredAt, now) }),
    ...(claimedBy === undefined ? {} : { claimedBy }),
  };
};

/** The domain's command for data that has passed its check: times in the domain's spelling, nothing filled in. */
export const toCommand = ({ type, project, target, number }: Addressed, data: object): TargetCommand => {
  const { key: _key, ...said } = data as { key?: string; scheduledFor?: string | null };
  const scheduledFor = typeof said.scheduledFor === 'string' ? { scheduledFor: toTime(said.scheduledFor) } : {};
  const given = number === undefined ? {} : { number };
  // The schema of each type is the domain's type of its data.
  return { type, project, target, data: { ...said, ...scheduledFor, ...given } } as TargetCommand;
};

const AHEAD_MINUTES = 5;

/** An `occurredAt` in the domain's spelling; BadInput where it is more than five minutes ahead of `now`. */
export const occurredAtOf = (text: string, now: Time): Time => {
  const time = toTime(text);
  if (time === undefined) throw badInput('occurredAt', 'must be a time of RFC 3339');
  if (time > now && time > addMinutes(now, AHEAD_MINUTES))
    throw badInput('occurredAt', 'is more than five minutes in the future');
  return time;
};
