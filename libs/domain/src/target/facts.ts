import type { Time } from '../time.js';
import { newContent, type Taken } from './brings.js';
import type { Brought, CommandContext } from './commands.js';
import type { Content, Deployment } from './deployment.js';
import type { DecidedEvent, DeploymentEventData, DeploymentEventType, Why } from './events.js';
import type { Status } from './status.js';
import type { Target } from './target.js';

/** What happens to a deployment: its status afterwards, and why. */
export type Step = Readonly<{ type: DeploymentEventType; status: Status; why?: Why; occurredAt?: Time }>;

/** A deployment moves on, keeping what it holds unless `taken` says otherwise. */
export const moves = (
  deployment: Deployment,
  step: Step,
  context: CommandContext,
  taken: Taken = { content: deployment },
): DecidedEvent => {
  const data = describe(deployment.number, deployment.status, step, taken.content);
  if (deployment.rollbackOf !== null) data.rollbackOf = deployment.rollbackOf;
  if (deployment.supersededBy !== null) data.supersededBy = deployment.supersededBy;
  if (taken.previous) data.previous = taken.previous;
  return toEvent(step, data, context);
};

/** A new deployment of this version comes into being, with what the request brings. */
export const begins = (
  target: Target,
  step: Step,
  context: CommandContext,
  request: Brought & { version: string },
): DecidedEvent => {
  return toEvent(step, describe(target.lastNumber + 1, null, step, newContent(request.version, request)), context);
};

type Draft = { -readonly [Member in keyof DeploymentEventData]: DeploymentEventData[Member] };

const describe = (number: number, from: Status | null, { status }: Step, content: Content): Draft => ({
  number,
  from,
  status,
  version: content.version,
  commitRefs: content.commitRefs,
  externalLink: content.externalLink,
  description: content.description,
  metadata: content.metadata,
  scheduledFor: content.scheduledFor,
});

const toEvent = ({ type, why, occurredAt }: Step, data: Draft, { claimedBy }: CommandContext): DecidedEvent => {
  if (why) Object.assign(data, why);
  if (claimedBy) data.claimedBy = claimedBy;
  return occurredAt === undefined ? { type, data } : { type, data, occurredAt };
};
