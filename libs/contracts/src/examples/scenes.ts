import type { Body, Step } from './story.js';

/** What goes before, and the body that is sent then. */
export type Scene = Readonly<{ before: readonly Step[]; body: Body }>;
/** Scenes by the status that they are answered with. */
export type Scenes = Readonly<{ 200?: Scene; 201?: Scene }>;

export const commitRefs = [{ repository: 'web-shop', branch: 'release', commit: 'abc1234' }];
const externalLink = { label: 'CI', url: 'https://ci.example/1' };
export const release = { version: '1.4.0', commitRefs };
export const lead = { id: 'kim', kind: 'user' } as const;

export const body = {
  create: {
    key: 'production',
    repositories: ['web-shop'],
    environmentType: 'production',
    labels: { team: 'shop' },
    settings: { hanging: { enabled: true, afterMinutes: 30 } },
  },
  planned: { ...release, scheduledFor: '2026-11-20T22:00:00Z' },
  started: { ...release, externalLink },
};

const created: Step = { type: 'CreateTarget', body: body.create };
const guarded: Step = {
  type: 'CreateTarget',
  body: { ...body.create, settings: { approvals: [{ name: 'release', required: 1 }] } },
};
const scheduled: Step = { type: 'ScheduleDeployment', body: body.planned };
const started: Step = { type: 'StartDeployment', body: body.started };
const finished: Step = { type: 'FinishDeployment', body: release };
const former: Step = { type: 'FinishDeployment', body: { version: '1.3.9', commitRefs } };

/** For each operation that carries a command, its examples: the body as sent, and what stood before. */
export const scenes = {
  CreateTarget: { 201: { before: [], body: body.create } },
  ChangeTarget: {
    200: { before: [created], body: { name: 'Production', settings: { requireSchedule: true } } },
  },
  DeleteTarget: { 200: { before: [created], body: {} } },
  ScheduleDeployment: {
    200: { before: [created, scheduled], body: { ...release, scheduledFor: '2026-11-21T06:00:00Z' } },
    201: { before: [created], body: body.planned },
  },
  StartDeployment: {
    200: { before: [created, scheduled], body: body.started },
    201: { before: [created], body: body.started },
  },
  FinishDeployment: {
    200: { before: [created, former, started], body: { ...release, occurredAt: '2026-11-20T10:07:00Z' } },
    201: { before: [created], body: release },
  },
  FailDeployment: {
    200: { before: [created, started], body: { ...release, reason: 'The smoke test failed.' } },
    201: { before: [created], body: { ...release, reason: 'The build failed.' } },
  },
  CancelDeployment: { 200: { before: [created, started], body: { commitRefs, reason: 'A newer commit came.' } } },
  RollbackDeployment: { 201: { before: [created, former, finished], body: { description: 'Prices were wrong.' } } },
  StartDeploymentByNumber: { 200: { before: [created, scheduled], body: { externalLink } } },
  FinishDeploymentByNumber: { 200: { before: [created, started], body: {} } },
  FailDeploymentByNumber: { 200: { before: [created, started], body: { reason: 'The smoke test failed.' } } },
  CancelDeploymentByNumber: { 200: { before: [created, scheduled], body: { reason: 'The release was called off.' } } },
  RetireDeployment: { 200: { before: [created, finished], body: {} } },
  ApproveDeployment: {
    200: { before: [guarded, scheduled], body: { comment: 'Tried on staging.', rule: 'release' } },
  },
  RejectDeployment: { 200: { before: [guarded, scheduled], body: { comment: 'Not before the holidays.' } } },
  ChangeDeployment: { 200: { before: [created, finished], body: { description: 'Rolled out without a hitch.' } } },
  DeleteDeployment: { 200: { before: [created, scheduled], body: {} } },
} satisfies Record<string, Scenes>;

export type CommandOperation = keyof typeof scenes;

/** Who approves and rejects is a person. */
const people: ReadonlySet<CommandOperation> = new Set(['ApproveDeployment', 'RejectDeployment']);
export const senderOf = (operation: CommandOperation): Pick<Step, 'actor'> =>
  people.has(operation) ? { actor: lead } : {};

/** A target with its former, its current and its next deployment: what reads show. */
export const standing: readonly Step[] = [
  created,
  former,
  started,
  finished,
  { type: 'ScheduleDeployment', body: { ...body.planned, version: '1.5.0' } },
];
