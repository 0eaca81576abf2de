import { rejections, type RejectionCode } from '#domain';
import type { FieldError } from './bad-input.js';

type Kind = Readonly<{ status: number; title: string }>;

/** Refusals that are no outcomes: the same command id may be tried again. */
const edges = {
  bad_request: { status: 400, title: 'The request is malformed.' },
  unauthorized: { status: 401, title: 'A valid token is needed.' },
  forbidden: { status: 403, title: 'The token does not allow this.' },
  not_found: { status: 404, title: 'There is no such route.' },
  project_not_found: { status: 404, title: 'There is no such project.' },
  command_not_found: { status: 404, title: 'There is no such command.' },
  event_not_found: { status: 404, title: 'There is no such event, or it is not sealed yet.' },
  checkpoint_not_found: { status: 404, title: 'There is no such checkpoint.' },
  actor_not_found: { status: 404, title: 'There is no such person.' },
  token_not_found: { status: 404, title: 'There is no such token.' },
  no_current_deployment: { status: 404, title: 'Nothing is current on this target.' },
  request_timeout: { status: 408, title: 'The request took too long to arrive.' },
  token_exists: { status: 409, title: 'A token has this name, or it is one of the service itself.' },
  too_large: { status: 413, title: 'The body, or what is open on the target, is too large.' },
  unsupported_media_type: { status: 415, title: 'The body has a media type that is not taken.' },
  idempotency_key_reused: { status: 422, title: 'The command id was used for another command.' },
  too_many_requests: { status: 429, title: 'Too many requests.' },
  headers_too_large: { status: 431, title: 'The path and the headers are too large.' },
  internal_error: { status: 500, title: 'The service failed.' },
  unavailable: { status: 503, title: 'The service is not available at the moment.' },
  view_behind: { status: 503, title: 'The view has not reached that position yet.' },
} as const satisfies Record<string, Kind>;

const rejectionStatus: Readonly<Record<RejectionCode, number>> = {
  target_not_found: 404,
  target_exists: 409,
  version_conflict: 412,
  deployment_not_found: 404,
  manual_controls_disabled: 409,
  not_allowed_from: 409,
  deployment_in_flight: 409,
  deployment_is_current: 409,
  nothing_to_roll_back_to: 409,
  no_deployment_in_flight: 409,
  no_open_deployment: 409,
  version_required: 422,
  commit_required: 422,
  unknown_rule: 422,
  branch_is_waiting: 409,
  no_scheduled_deployment: 409,
  approval_required: 409,
};

export type ProblemCode = RejectionCode | keyof typeof edges;

/** Every code that a refusal may carry, with its HTTP status and title. */
export const problems: Readonly<Record<ProblemCode, Kind>> = {
  ...edges,
  ...(Object.fromEntries(
    Object.entries(rejections).map(([code, title]) => [
      code,
      { status: rejectionStatus[code as RejectionCode], title },
    ]),
  ) as Record<RejectionCode, Kind>),
};

/** `retryAfter` says in seconds, for one refused among several, what the header of that name says for a whole request. */
type Extras = { commandId?: string; from?: string; retryAfter?: number; errors?: readonly FieldError[] };
/** A refusal as RFC 9457 has it. */
export type Problem = Readonly<
  { type: string; title: string; status: number; detail: string; code: ProblemCode } & Extras
>;

/** The body of a refusal; `detail` says what stood in the way, by default what the code says of itself. */
export const problemOf = (code: ProblemCode, detail?: string, extras: Extras = {}): Problem => {
  const { status, title } = problems[code];
  return { type: `urn:shiplog:problem:${code}`, title, status, detail: detail ?? title, code, ...extras };
};
