import { deploymentEventTypes, statuses, targetEventTypes } from '#domain';
import type { DeploymentEventType, EventType, Status, TargetEventType } from '#domain';
import type { JsonSchema } from './rules.js';
import {
  claimedBy,
  content,
  count,
  oneOf,
  orNull,
  shape,
  status,
  target,
  text,
  time,
  violationList,
} from './shapes.js';

/** The statuses that a deployment may have after an event of each type. */
const statusesAfter: Readonly<Record<DeploymentEventType, readonly Status[]>> = {
  DeploymentScheduled: ['scheduled'],
  DeploymentBlocked: ['blocked'],
  DeploymentApproved: ['blocked'],
  DeploymentRejected: ['canceled'],
  DeploymentUnblocked: ['scheduled'],
  DeploymentDue: ['scheduled'],
  DeploymentStarted: ['deploying'],
  DeploymentReplaced: ['deploying'],
  DeploymentChanged: statuses,
  DeploymentHung: ['hanging'],
  DeploymentFinished: ['current'],
  DeploymentSuperseded: ['completed', 'rolled_back'],
  DeploymentRetired: ['retired'],
  DeploymentFailed: ['failed'],
  DeploymentCanceled: ['canceled'],
  DeploymentDeleted: statuses,
};

const previous = { ...shape({}, content), description: 'Each member that the event changed, as it was.' };

const deploymentData = (type: DeploymentEventType): JsonSchema =>
  shape(
    { number: count, from: orNull(status), status: oneOf(statusesAfter[type]), ...content },
    {
      reason: text,
      comment: text,
      claimedBy,
      supersededBy: count,
      rollbackOf: count,
      recoveredFrom: oneOf(['failed', 'canceled']),
      violations: violationList,
      approvalsWithdrawn: { const: true },
      previous,
      rule: text,
      deadline: time,
    },
  );

const targetData = (): JsonSchema => shape(target, { claimedBy });

/** The JSON Schema of each event type's `data`: over HTTP, in Kafka and in the log alike. */
export const eventDataSchemas: Readonly<Record<EventType, JsonSchema>> = {
  ...(Object.fromEntries(targetEventTypes.map((type) => [type, targetData()])) as Record<TargetEventType, JsonSchema>),
  ...(Object.fromEntries(deploymentEventTypes.map((type) => [type, deploymentData(type)])) as Record<
    DeploymentEventType,
    JsonSchema
  >),
};
