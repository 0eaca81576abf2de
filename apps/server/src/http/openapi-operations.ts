import type { ProblemCode } from '#contracts';

/** What an operation is for, and what it refuses besides what follows from its kind and its path. */
type Operation = Readonly<{ summary: string; description?: string; refuses?: readonly ProblemCode[] }>;

/** What is counted, after the definitions of https://dora.dev/guides/dora-metrics-four-keys/. */
const FOUR_KEYS = [
  'The four keys of DORA (https://dora.dev/guides/dora-metrics-four-keys/) over a period, from the record as it is now.',
  'Deployment frequency: the deployments that became current in the period, by day; a rollback is one.',
  'A change is a deployment that became current in the period, or failed in it without having been current; a rollback is none.',
  'Change failure rate: the changes that have failed or were rolled back, at whatever time, by all changes; one that recovered from a time-out has not failed, one that was canceled is no change.',
  'Time to restore: from each of those failures (when it failed; of one rolled back when it became current) to the next deployment that became current on the target, also behind the period.',
  'Lead time: from `metadata.committedAt`, the RFC 3339 time of the newest commit (`head_commit.timestamp` on GitHub, `CI_COMMIT_TIMESTAMP` on GitLab), to when the change became current.',
  'Deleted deployments and targets do not count. Every figure names the newest 100 deployments that it counted, by id.',
].join(' ');

/** The operations by the names of their methods; those that carry a command are described with the commands. */
export const operations: Readonly<Record<string, Operation>> = {
  listProjects: { summary: 'List projects', description: 'Those that the token reaches and that have a target.' },
  listTargets: {
    summary: 'List the targets of a project',
    description: 'Each with what is current, in flight and next.',
  },
  getTarget: { summary: 'Get a target', description: 'With what is current, in flight and next.' },
  getCurrent: {
    summary: 'What a target runs now',
    description: 'Or ran at any moment, with `at`.',
    refuses: ['no_current_deployment'],
  },
  listCurrent: { summary: 'What runs where', description: 'The current deployment of every target that has one.' },
  listDeployments: { summary: 'List deployments', description: 'The history across targets, newest first.' },
  listDeploymentsOfTarget: { summary: 'List the deployments of a target', description: 'Its history, newest first.' },
  getDeploymentById: {
    summary: 'Get a deployment by its id',
    description: 'The position of the event that created it.',
  },
  getDeployment: { summary: 'Get a deployment by its number', description: 'Numbers count within a target.' },
  getTargetTimeline: {
    summary: 'The events of a target',
    description: 'All that happened to it, oldest first, from before it was deleted too, where it came back.',
  },
  explainTarget: {
    summary: 'Why a target stands as it does',
    description:
      'The events that made the present state, in plain words with their positions: of what is current, what is in flight and what waits, and the settings in force that bear on it.',
  },
  listDeploymentsOfCommit: {
    summary: 'Where a commit went',
    description: 'The deployments that have it, newest first, across the projects that the token reaches.',
  },
  listDeploymentsOfIssue: {
    summary: 'Where an issue went',
    description:
      "The deployments that are associated with it in Jira's dialect, newest first, across the projects that the token reaches.",
  },
  listTargetsOfVersion: {
    summary: 'Where a version runs and ran',
    description:
      'By project and target, each with the current deployment where that has the version, else with the newest that was current.',
  },
  getDoraOfTarget: { summary: 'The four keys of a target', description: FOUR_KEYS },
  getDoraOfProject: { summary: 'The four keys of a project', description: `${FOUR_KEYS} Then by target.` },
  listDifferences: {
    summary: 'What changed between two moments',
    description:
      'By project and target: what was current at either moment, for how long, and who changed it. Targets on which the same was current at both are left out.',
  },
  getTimeline: { summary: 'The events of a deployment', description: 'Oldest first.' },
  listEvents: {
    summary: 'Read the log',
    description:
      'Every event in the order of its position. As NDJSON it is one stream up to where the log ended when it was asked for; with `hashes=true` ' +
      'up to the newest checkpoint, each line with the hash of its event and all that it was made from: docs/audit.md says how it is verified.',
    refuses: ['forbidden', 'checkpoint_not_found'],
  },
  followEvents: {
    summary: 'Follow the log',
    description:
      'Server-sent events: what stands behind `Last-Event-ID` or `after`, without either nothing, then every event as it is written. Whoever reads too slowly is cut, comes again and misses nothing.',
  },
  getOutcome: {
    summary: 'What a command was answered',
    description: 'One outcome for ever, whether or not the target still exists.',
  },
  sendCommands: {
    summary: 'Send many commands',
    description:
      'Each command is decided by itself, those of one target in the order of the list, and answered in its place: with ' +
      'its outcome, or with the problem that kept it from having one; `retryAfter` says in seconds when to try that one ' +
      'again. An actor in a command is kept as `claimedBy`. The headers `Idempotency-Key` and `If-Match` are refused: ' +
      'each command carries its own. 403 as a whole is for a token that may write nothing.',
    refuses: ['forbidden'],
  },
  createToken: {
    summary: 'Make a token',
    description:
      'Only within the own projects, and to live no longer than the token that makes it. The secret is shown here and never again.',
    refuses: ['forbidden', 'token_exists'],
  },
  listTokens: {
    summary: 'List tokens',
    description: 'Those whose projects the own token reaches all, oldest first; without their secrets.',
    refuses: ['forbidden'],
  },
  revokeToken: {
    summary: 'Revoke a token',
    description: 'For ever, and on every replica within five seconds.',
    refuses: ['forbidden', 'token_not_found'],
  },
  forgetActor: {
    summary: 'Forget a person',
    description:
      'Takes the name away from every event, read and export; what is left is the opaque id that the log has, and no hash changes. ' +
      'It takes a token for all projects. The same person coming back is somebody new.',
    refuses: ['forbidden', 'actor_not_found', 'token_exists'],
  },
  listCheckpoints: {
    summary: 'Signed checkpoints of the log',
    description: 'The newest first. Keep some of them elsewhere: by those you can tell whether history was rewritten.',
  },
  getInclusionProof: {
    summary: 'Proof that an event is in the log',
    description: 'The path from its hash to the root of a checkpoint (RFC 6962), and all that the hash was made from.',
    refuses: ['event_not_found', 'checkpoint_not_found'],
  },
  getConsistencyProof: {
    summary: 'Proof that the log has only grown',
    description: 'That the first `from` events are the beginning of the first `to` (RFC 6962).',
    refuses: ['checkpoint_not_found'],
  },
  getKeys: {
    summary: 'The keys that sign checkpoints',
    description: 'All that have signed, the one that signs now last.',
  },
  getStatus: { summary: 'Where everything stands', description: 'The log, and how far every view and relay has come.' },
  live: { summary: 'Whether the process runs' },
  ready: {
    summary: 'Whether requests may be sent here',
    description: 'Kafka away is degraded, not unready.',
  },
  getMetrics: { summary: 'Metrics for Prometheus', description: 'They name no project, and ask for no token.' },
  getOpenApi: { summary: 'This document' },
  getAsyncApi: { summary: 'The Kafka topics', description: 'An AsyncAPI document.' },
};
