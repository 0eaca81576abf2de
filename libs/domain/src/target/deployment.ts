import type { Time } from '../time.js';
import type { Status } from './status.js';

export type CommitRef = Readonly<{ repository: string; branch: string; commit?: string }>;
export type ExternalLink = Readonly<{ label?: string; url: string }>;
export type Metadata = Readonly<Record<string, unknown>>;

/** Gates that a report can pass by. */
export const violations = ['approval_required', 'no_scheduled_deployment'] as const;
export type Violation = (typeof violations)[number];

/** Who sent a command. A person's `id` is opaque in the log: the name stands in the table `actors`. */
export type Actor = Readonly<{ id: string; name?: string; kind: 'user' | 'service' | 'system' }>;

/** One given approval; an actor counts once per rule. */
export type Approval = Readonly<{ rule: string; actor: Actor }>;

/**
 * Where the event that created the deployment stands. `position` is null until the append has answered, then the
 * waist fills it in; every later state of the deployment shares this one object.
 */
export type Origin = { readonly version: number; position: number | null };

/** What a request may bring, and what the `previous` of an event keeps. */
export type Content = Readonly<{
  version: string;
  commitRefs: readonly CommitRef[];
  externalLink: ExternalLink | null;
  description: string | null;
  metadata: Metadata;
  scheduledFor: Time | null;
}>;

/** A deployment as the events up to now make it; `created.position` is its id. */
export type Deployment = Content &
  Readonly<{
    number: number;
    created: Origin;
    status: Status;
    createdAt: Time;
    startedAt: Time | null;
    finishedAt: Time | null;
    endedAt: Time | null;
    supersededBy: number | null;
    rollbackOf: number | null;
    violations: readonly Violation[];
    failureReason: string | null;
    actor: Actor;
    /** Version of the event that started its clocks; null while it is not in flight. */
    clockVersion: number | null;
    /** Version of the event that set `scheduledFor`; null when it has none, no longer waits, or its `DeploymentDue` was written. */
    dueVersion: number | null;
    /** Version of the event that ended it; null while it has not ended. */
    endedVersion: number | null;
    /** Given and not withdrawn, while it is blocked. */
    approvals: readonly Approval[];
    /** `lacking`: it was blocked and never unblocked. `given`: it was unblocked, and what was approved is what may be deployed. */
    approval: 'not_asked' | 'lacking' | 'given';
  }>;
