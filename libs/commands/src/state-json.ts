import type { Deployment, Settings, Target } from '#domain';

/** Raise it when a state means something else: states written with another number are folded from the log instead. */
const SCHEMA = 1;

/** Written with every append, so it has values only, no names: half as long, and cheaper on both sides. */
export const stateJson = (target: Target): string => JSON.stringify([SCHEMA, rowOf(target)]);

/** Undefined where the state was written with another schema. */
export function parseState(json: string): Target | undefined {
  const state: unknown = JSON.parse(json);
  return Array.isArray(state) && state[0] === SCHEMA ? targetFrom(state[1] as ReturnType<typeof rowOf>) : undefined;
}

/** JSON has no undefined. */
const ONLY_THE_LOG_KNOWS = 0;

const rowOf = (target: Target) =>
  [
    target.project,
    target.key,
    target.exists,
    target.version,
    target.name,
    target.description,
    target.repositories,
    target.environmentType,
    target.externalUrl,
    target.labels,
    rowOfSettings(target.settings),
    target.settingsVersion,
    target.createdAt,
    target.lastNumber,
    target.open.map(rowOfDeployment),
    target.current && rowOfDeployment(target.current),
    target.formerCurrent === undefined ? ONLY_THE_LOG_KNOWS : target.formerCurrent,
    target.timedOut,
  ] as const;

const targetFrom = (row: ReturnType<typeof rowOf>): Target => ({
  project: row[0],
  key: row[1],
  exists: row[2],
  version: row[3],
  name: row[4],
  description: row[5],
  repositories: row[6],
  environmentType: row[7],
  externalUrl: row[8],
  labels: row[9],
  settings: settingsFrom(row[10]),
  settingsVersion: row[11],
  createdAt: row[12],
  lastNumber: row[13],
  open: row[14].map(deploymentFrom),
  current: row[15] && deploymentFrom(row[15]),
  formerCurrent: row[16] === ONLY_THE_LOG_KNOWS ? undefined : row[16],
  timedOut: row[17],
  history: undefined,
});

const rowOfSettings = ({ manualControls, hanging, failing, requireSchedule, approvals }: Settings) =>
  [
    manualControls,
    hanging.enabled,
    hanging.afterMinutes,
    failing.enabled,
    failing.afterMinutes,
    requireSchedule,
    approvals,
  ] as const;

const settingsFrom = (row: ReturnType<typeof rowOfSettings>): Settings => ({
  manualControls: row[0],
  hanging: { enabled: row[1], afterMinutes: row[2] },
  failing: { enabled: row[3], afterMinutes: row[4] },
  requireSchedule: row[5],
  approvals: row[6],
});

const rowOfDeployment = (deployment: Deployment) =>
  [
    deployment.number,
    deployment.created.version,
    deployment.created.position,
    deployment.status,
    deployment.version,
    deployment.commitRefs,
    deployment.externalLink,
    deployment.description,
    deployment.metadata,
    deployment.scheduledFor,
    deployment.createdAt,
    deployment.startedAt,
    deployment.finishedAt,
    deployment.endedAt,
    deployment.supersededBy,
    deployment.rollbackOf,
    deployment.violations,
    deployment.failureReason,
    deployment.actor,
    deployment.clockVersion,
    deployment.dueVersion,
    deployment.endedVersion,
    deployment.approvals,
    deployment.approval,
  ] as const;

const deploymentFrom = (row: ReturnType<typeof rowOfDeployment>): Deployment => ({
  number: row[0],
  created: { version: row[1], position: row[2] },
  status: row[3],
  version: row[4],
  commitRefs: row[5],
  externalLink: row[6],
  description: row[7],
  metadata: row[8],
  scheduledFor: row[9],
  createdAt: row[10],
  startedAt: row[11],
  finishedAt: row[12],
  endedAt: row[13],
  supersededBy: row[14],
  rollbackOf: row[15],
  violations: row[16],
  failureReason: row[17],
  actor: row[18],
  clockVersion: row[19],
  dueVersion: row[20],
  endedVersion: row[21],
  approvals: row[22],
  approval: row[23],
});
