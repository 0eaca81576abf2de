import { statuses, toTime, type Deployment, type Metadata, type Status } from '#domain';
import { environmentTypeOf } from '../environment-type.js';
import { flagIn, keptBy, keeping, objectIn, textIn, withoutUndefined } from '../kept.js';
import { github } from './dialect.js';

/** What a client can report; `waiting` is only ever told. */
export const reportedStates = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'] as const;
export type ReportedState = (typeof reportedStates)[number];
export type State = ReportedState | 'waiting';

/** The status that was reported last. It holds while the deployment has the status of ours that it had, or got, by it. */
export type Report = Readonly<{
  state: ReportedState;
  while: Status;
  at: string;
  description?: string;
  log_url?: string;
  environment_url?: string;
}>;

/** What GitHub has of a deployment and the log does not, under GitHub's names. */
export type Recorded = Readonly<{
  ref?: string;
  task?: string;
  payload?: unknown;
  transient_environment?: boolean;
  production_environment?: boolean;
  auto_merge?: boolean;
  required_contexts?: readonly string[];
  /** Where a status moved it to. */
  environment?: string;
  /** False where the success that made it current was to leave the former one as it was. */
  auto_inactive?: boolean;
  status?: Report;
  artifact?: Artifact;
}>;

/** What of an artifact runs where, of a deployment that was recorded by its digest. */
export type Artifact = Readonly<{
  name: string;
  digest: string;
  logical_environment: string;
  physical_environment: string;
  cluster: string;
  deployment_name: string;
  tags: Readonly<Record<string, string>>;
  runtime_risks: readonly string[];
}>;

export const record = (stands: Metadata, recorded: Recorded): Metadata => keeping(stands, github, recorded);

/** Where the metadata has the digest of an artifact. */
export const DIGEST = [github.name, 'artifact', 'digest'] as const;

const known = new WeakMap<Metadata, Recorded>();

/** Undefined members are left out. Read once of each object, for a deployment that is shown asks for it several times. */
export function recordedIn(metadata: Metadata): Recorded {
  const recorded = known.get(metadata) ?? read(metadata);
  known.set(metadata, recorded);
  return recorded;
}

function read(metadata: Metadata): Recorded {
  const kept = keptBy(metadata, github);
  const members = {
    ref: textIn(kept['ref']),
    task: textIn(kept['task']),
    payload: objectIn(kept['payload']) ?? textIn(kept['payload']),
    transient_environment: flagIn(kept['transient_environment']),
    production_environment: flagIn(kept['production_environment']),
    auto_merge: flagIn(kept['auto_merge']),
    required_contexts: Array.isArray(kept['required_contexts']) ? kept['required_contexts'].map(String) : undefined,
    environment: textIn(kept['environment']),
    auto_inactive: flagIn(kept['auto_inactive']),
    status: reportIn(kept['status']),
    artifact: artifactIn(kept['artifact']),
  };
  return withoutUndefined(members);
}

function reportIn(value: unknown): Report | undefined {
  const kept = objectIn(value);
  const state = reportedStates.find((each) => each === kept?.['state']);
  const held = statuses.find((each) => each === kept?.['while']);
  const at = toTime(textIn(kept?.['at']) ?? '');
  if (!kept || !state || !held || !at) return undefined;
  const texts = {
    description: textIn(kept['description']),
    log_url: textIn(kept['log_url']),
    environment_url: textIn(kept['environment_url']),
  };
  return { state, while: held, at, ...withoutUndefined(texts) };
}

function artifactIn(value: unknown): Artifact | undefined {
  const kept = objectIn(value);
  const digest = textIn(kept?.['digest']);
  if (!kept || digest === undefined) return undefined;
  const text = (name: string): string => textIn(kept[name]) ?? '';
  const tags = Object.entries(objectIn(kept['tags']) ?? {}).map(([name, tag]) => [name, textIn(tag) ?? '']);
  const risks = kept['runtime_risks'];
  return {
    digest,
    name: text('name'),
    logical_environment: text('logical_environment'),
    physical_environment: text('physical_environment'),
    cluster: text('cluster'),
    deployment_name: text('deployment_name'),
    tags: Object.fromEntries(tags),
    runtime_risks: Array.isArray(risks) ? risks.map(String) : [],
  };
}

type Placed = Readonly<{ target: string; metadata: Metadata }>;

export const isProduction = ({ target, metadata }: Placed): boolean =>
  recordedIn(metadata).production_environment ?? environmentTypeOf(target) === 'production';

/** Whether GitHub leaves its status alone when a newer one succeeds: its rule for `auto_inactive`. */
export const isLeftAlone = (placed: Placed): boolean =>
  isProduction(placed) || recordedIn(placed.metadata).transient_environment === true;

/** Whether this one, as it succeeded, was to leave others as they were. */
export const leavesOthers = ({ metadata }: Pick<Deployment, 'metadata'>): boolean =>
  recordedIn(metadata).auto_inactive === false;
