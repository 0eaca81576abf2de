import { HttpException } from '@nestjs/common';
import { CommandIdReused, TargetFull, Unavailable } from '#commands';
import {
  BadInput,
  problemOf,
  problems,
  type FieldError,
  type Problem as ShownProblem,
  type ProblemCode,
} from '#contracts';
import { isTooSlow, isUnavailable, isUnspeakable } from '#event-store';

type More = Readonly<{
  errors?: readonly FieldError[];
  /** The status that `not_allowed_from` names. */
  from?: string;
  headers?: Readonly<Record<string, string>>;
  /** What the log is told and the caller is not. */
  cause?: unknown;
}>;

/** A refusal on its way to the caller; its status follows from its code. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
    readonly more: More = {},
  ) {
    super(detail ?? code);
    this.status = problems[code].status;
  }

  /** For a reader: the detail, else what the code stands for. */
  get said(): string {
    return this.detail ?? problems[this.code].title;
  }

  body(commandId?: string): string {
    return JSON.stringify(this.shown(commandId));
  }

  /** One among several has no header of its own, so it says in the body when to try again. */
  oneOfMany(commandId?: string): ShownProblem {
    const seconds = this.more.headers?.['retry-after'];
    return this.shown(commandId, seconds === undefined ? {} : { retryAfter: Number(seconds) });
  }

  private shown(commandId?: string, more: { retryAfter?: number } = {}): ShownProblem {
    const { from, errors } = this.more;
    return problemOf(this.code, this.detail, {
      ...(commandId === undefined ? {} : { commandId }),
      ...(from ? { from } : {}),
      ...more,
      ...(errors ? { errors } : {}),
    });
  }
}

export const PROBLEM_JSON = 'application/problem+json';

export const unauthorized = (): Problem =>
  new Problem('unauthorized', 'Send a token that is valid here, as `Authorization: Bearer <token>`.', {
    headers: { 'www-authenticate': 'Bearer' },
  });

const retryAfter = (seconds: number): Readonly<Record<string, string>> => ({ 'retry-after': String(seconds) });

export const viewBehind = (position: number): Problem =>
  new Problem('view_behind', `The view has not reached position ${position} within 5 seconds.`, {
    headers: retryAfter(1),
  });

/** What is asked for is still to be built by this release, whatever an older one has. */
export const viewUnbuilt = (): Problem =>
  new Problem('view_behind', 'The view is being built.', { headers: retryAfter(5) });

/** Of what lasts, only so much can go on at once. */
export const noMore = (what: string): Problem =>
  new Problem('unavailable', `No more ${what} can begin here at the moment; try again.`, { headers: retryAfter(5) });

/** What the frameworks refuse by themselves, in our words: theirs sometimes quote the input. */
const codes: Readonly<Record<number, ProblemCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  408: 'request_timeout',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  431: 'headers_too_large',
};
export const ofStatus = (status: number): Problem =>
  status === 413 ? new Problem('too_large', 'The body is too large.') : new Problem(codes[status] ?? 'bad_request');

/** Anything that was thrown, as a problem; what nobody foresaw becomes a 500 with the error as its cause. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BadInput) return new Problem('bad_request', error.message, { errors: error.errors });
  if (error instanceof CommandIdReused) return new Problem('idempotency_key_reused');
  if (error instanceof TargetFull) return new Problem('too_large', error.message);
  if (error instanceof Unavailable)
    return new Problem('unavailable', error.message, { headers: retryAfter(error.retryAfterSeconds), cause: error });
  if (isTooSlow(error))
    return new Problem('unavailable', 'The database took too long over it: ask for less, or try again later.', {
      headers: retryAfter(5),
      cause: error,
    });
  if (isUnavailable(error))
    return new Problem('unavailable', 'The database is away; try the same again.', {
      headers: retryAfter(1),
      cause: error,
    });
  if (isUnspeakable(error))
    return new Problem('bad_request', 'A text has U+0000, or a number is too large: nothing here can have it.');
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) return ofStatus(status);
  return new Problem('internal_error', 'Something went wrong in the service; it has been logged.', { cause: error });
}

/** While the database is away everything fails; the loops say so, once and not for each. */
export const levelOf = (error: unknown): 'error' | 'debug' =>
  toProblem(error).code === 'internal_error' ? 'error' : 'debug';

const statusOf = (error: unknown): number | undefined => {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
};
