import type { Time } from '../time.js';
import type { Actor, Content, Violation } from './deployment.js';
import type { Settings } from './settings.js';
import type { Status } from './status.js';

/** Stored for ever: add event types and optional members, never rename or repurpose one. */
export type TargetEvent =
  | Readonly<{ type: TargetEventType; data: TargetEventData }>
  | Readonly<{ type: DeploymentEventType; data: DeploymentEventData }>;

export const targetEventTypes = ['TargetCreated', 'TargetChanged', 'TargetDeleted'] as const;
export const deploymentEventTypes = [
  'DeploymentScheduled',
  'DeploymentBlocked',
  'DeploymentApproved',
  'DeploymentRejected',
  'DeploymentUnblocked',
  'DeploymentDue',
  'DeploymentStarted',
  'DeploymentReplaced',
  'DeploymentChanged',
  'DeploymentHung',
  'DeploymentFinished',
  'DeploymentSuperseded',
  'DeploymentRetired',
  'DeploymentFailed',
  'DeploymentCanceled',
  'DeploymentDeleted',
] as const;
export type TargetEventType = (typeof targetEventTypes)[number];
export type DeploymentEventType = (typeof deploymentEventTypes)[number];
export type EventType = TargetEventType | DeploymentEventType;

/** The target as it stands after the event. */
export type TargetEventData = Readonly<{
  project: string;
  key: string;
  name: string | null;
  description: string | null;
  repositories: readonly string[];
  environmentType: EnvironmentType;
  externalUrl: string | null;
  labels: Readonly<Record<string, string>>;
  settings: Settings;
  version: number;
  createdAt: Time;
  claimedBy?: ClaimedBy;
}>;

export const environmentTypes = ['unmapped', 'development', 'testing', 'staging', 'production'] as const;
export type EnvironmentType = (typeof environmentTypes)[number];

/** What a payload claims about its sender; in the log `id` is opaque, as a person's is. */
export type ClaimedBy = Readonly<{ id: string; name?: string }>;

/** The deployment as it stands after the event, and why: whoever reads it needs no other event to act on it. */
export type DeploymentEventData = Content &
  Readonly<{
    number: number;
    /** Status before; null when the event creates the deployment. */
    from: Status | null;
    status: Status;
  }> &
  Why;

/** Why it happened; each member only where it applies. */
export type Why = Readonly<{
  reason?: string;
  comment?: string;
  claimedBy?: ClaimedBy;
  supersededBy?: number;
  rollbackOf?: number;
  recoveredFrom?: 'failed' | 'canceled';
  /** The gates that this event passed by. */
  violations?: readonly Violation[];
  approvalsWithdrawn?: true;
  /** Each member of the deployment that the event changed, as it was. */
  previous?: Partial<Content>;
  /** Of a time-out `hanging` or `failing`; of an approval the rule that it counts for. */
  rule?: string;
  /** Of a time-out: the moment it was due. */
  deadline?: Time;
}>;

/** An event as it is decided: it happened when the command says, unless it brings a moment of its own. */
export type DecidedEvent = TargetEvent & Readonly<{ occurredAt?: Time }>;

/** An event with its place in the stream, as `evolve` takes it; `position` is null until it is appended. */
export type PlacedEvent = TargetEvent &
  Readonly<{ version: number; position: number | null; actor: Actor; occurredAt: Time }>;
