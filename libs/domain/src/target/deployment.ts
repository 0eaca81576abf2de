import type { Time } from '../time.js';

/** The statuses of domain.md; a deployment moves between them only as `moves` in status.ts allows. */
export type Status =
  | 'blocked'
  | 'scheduled'
  | 'deploying'
  | 'hanging'
  | 'current'
  | 'completed'
  | 'rolled_back'
  | 'retired'
  | 'failed'
  | 'canceled';

export type CommitRef = Readonly<{ repository: string; branch: string; commit?: string }>;
export type ExternalLink = Readonly<{ label?: string; url: string }>;
export type Metadata = Readonly<Record<string, unknown>>;
export type Violation = 'approval_required' | 'no_scheduled_deployment';

/** Who sent a command. A person's `id` is opaque in the log: the name stands in the table `actors`. */
export type Actor = Readonly<{ id: string; name?: string; kind: 'user' | 'service' | 'system' }>;

/** One given approval; an actor counts once per rule. */
export type Approval = Readonly<{ rule: string; actor: Actor }>;

/**
 * Where the event that created the deployment stands. `position` is null until the append has answered, then the
 * waist fills it in; every later state of the deployment shares this one object.
 */
export type Origin = { readonly version: number; position: number | null };

/** A deployment as the events up to now make it; `created.position` is its id. */
export type Deployment = Readonly<{
  number: number;
  created: Origin;
  status: Status;
  version: string;
  commitRefs: readonly CommitRef[];
  externalLink: ExternalLink | null;
  description: string | null;
  metadata: Metadata;
  scheduledFor: Time | null;
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
  /** Version of the event that set `scheduledFor`, null where there is none or its `DeploymentDue` was written. */
  dueVersion: number | null;
  /** Given and not withdrawn, while it is blocked. */
  approvals: readonly Approval[];
  /** It was blocked and its approvals were complete: what was approved is what may be deployed. */
  unblocked: boolean;
}>;
