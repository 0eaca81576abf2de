import { rejections } from '#domain';
import { problemOf, type Problem, type ProblemCode } from '../problem.js';
import { COMMAND_ID } from './story.js';

const details: Readonly<Partial<Record<ProblemCode, string>>> = {
  bad_request: 'limit must be an integer from 1 to 200',
  unauthorized: 'Send a token that is valid here, as `Authorization: Bearer <token>`.',
  forbidden: 'This needs the scope deployments:write.',
  not_allowed_from: 'Deployment 1 is completed and cannot become failed: nothing follows that status.',
  version_conflict: 'The target is at version 17, not at 16: read it again before the next try.',
  too_many_requests: 'The token may send 600 requests a minute.',
  unavailable: 'The database is away; try the same again.',
  view_behind: 'The view has not reached position 4712 within 5 seconds.',
};

/** A refusal with this code, as an example. Those that are outcomes of a command name it. */
export const problemExample = (code: ProblemCode): Problem =>
  problemOf(code, details[code], {
    ...(Object.hasOwn(rejections, code) ? { commandId: COMMAND_ID } : {}),
    ...(code === 'not_allowed_from' ? { from: 'completed' } : {}),
    ...(code === 'bad_request' ? { errors: [{ field: 'limit', message: 'must be an integer from 1 to 200' }] } : {}),
  });
