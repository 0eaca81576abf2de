import type { PublicCommandType, RejectionCode } from '#domain';
import { scenes, senderOf, type CommandOperation, type Scene, type Scenes } from './scenes.js';
import type { PresentedAnswer } from '../wire.js';
import { answerOf, tell, type Step } from './story.js';

type Route = Readonly<{ summary: string; description?: string; refusals: readonly RejectionCode[] }>;

const onTarget = ['target_not_found', 'version_conflict'] as const;
const byNumber = [...onTarget, 'deployment_not_found', 'manual_controls_disabled', 'not_allowed_from'] as const;
const ofBlocked = [...onTarget, 'deployment_not_found', 'not_allowed_from'] as const;

const BY_BRANCH =
  'Which deployment is meant follows from the commit refs: every pair of repository and branch is among its own. Without ' +
  'commit refs the version says, without either what is in flight.';

/** Each operation that carries a command: what it does, and which rejections it may meet. */
export const commandRoutes: Readonly<Record<CommandOperation, Route>> = {
  CreateTarget: {
    summary: 'Create a target',
    description: 'A project comes into being with its first target. A deleted target comes back with its history.',
    refusals: ['target_exists', 'version_conflict'],
  },
  ChangeTarget: {
    summary: 'Change a target',
    description: 'What is not mentioned stays; each setting is replaced whole; null clears a text.',
    refusals: onTarget,
  },
  DeleteTarget: {
    summary: 'Delete a target',
    description: 'What is current is retired, what waits is canceled. The log keeps everything.',
    refusals: [...onTarget, 'deployment_in_flight'],
  },
  ScheduleDeployment: {
    summary: 'Plan a deployment',
    description: `A waiting deployment of the same branch is changed (200), else there is a new one (201), blocked where the target asks for approvals. ${BY_BRANCH}`,
    refusals: [...onTarget, 'version_required', 'branch_is_waiting', 'approval_required'],
  },
  StartDeployment: {
    summary: 'Start a deployment',
    description: `What is deploying is taken over, a hanging or scheduled deployment of the same branch starts (200), else a new one does (201). ${BY_BRANCH}`,
    refusals: [...onTarget, 'version_required', 'commit_required', 'no_scheduled_deployment', 'approval_required'],
  },
  FinishDeployment: {
    summary: 'Report a success',
    description: `The open deployment of the same branch becomes current (200), else a new one does (201). It is recorded whatever the gates say. ${BY_BRANCH}`,
    refusals: [...onTarget, 'version_required'],
  },
  FailDeployment: {
    summary: 'Report a failure',
    description: `The open deployment of the same branch fails (200), else a new one is recorded as failed (201). ${BY_BRANCH}`,
    refusals: [...onTarget, 'no_deployment_in_flight'],
  },
  CancelDeployment: {
    summary: 'Cancel what waits or is in flight',
    description: `It creates nothing and changes nothing else. ${BY_BRANCH}`,
    refusals: [...onTarget, 'no_open_deployment'],
  },
  RollbackDeployment: {
    summary: 'Roll back',
    description: 'A new deployment of a version that was current before, by default the last one. No gate binds it.',
    refusals: [...onTarget, 'deployment_not_found', 'deployment_in_flight', 'nothing_to_roll_back_to'],
  },
  StartDeploymentByNumber: {
    summary: 'Start this deployment',
    description: 'One that waits or hangs; it takes over what the request brings.',
    refusals: [...byNumber, 'deployment_in_flight', 'commit_required', 'approval_required'],
  },
  FinishDeploymentByNumber: {
    summary: 'Report the success of this deployment',
    description: 'One that failed or was canceled recovers.',
    refusals: byNumber,
  },
  FailDeploymentByNumber: {
    summary: 'Report the failure of this deployment',
    description: 'One that waits, is in flight or is current.',
    refusals: byNumber,
  },
  CancelDeploymentByNumber: {
    summary: 'Cancel this deployment',
    description: 'One that waits or is in flight.',
    refusals: byNumber,
  },
  RetireDeployment: {
    summary: 'Take down what is current',
    description: 'Nothing takes its place.',
    refusals: byNumber,
  },
  ApproveDeployment: {
    summary: 'Approve this blocked deployment',
    description:
      'It counts for the rule that is named, else for the first that still lacks approvals; an actor counts once per rule.',
    refusals: [...ofBlocked, 'unknown_rule'],
  },
  RejectDeployment: { summary: 'Reject this blocked deployment', description: 'It is canceled.', refusals: ofBlocked },
  ChangeDeployment: {
    summary: 'Change this deployment',
    description: 'In any status; the event keeps what was before.',
    refusals: [
      ...onTarget,
      'deployment_not_found',
      'manual_controls_disabled',
      'branch_is_waiting',
      'approval_required',
    ],
  },
  DeleteDeployment: {
    summary: 'Delete this deployment',
    description: 'It leaves the views, never the log. Its number is not given again.',
    refusals: [
      ...onTarget,
      'deployment_not_found',
      'manual_controls_disabled',
      'deployment_in_flight',
      'deployment_is_current',
    ],
  },
};

/** An example of a command over HTTP: what goes before, the body as sent, and the answer as the domain and the wire make it. */
export type CommandExample = Readonly<{
  status: '200' | '201';
  before: readonly Step[];
  body: object;
  answer: PresentedAnswer;
}>;

/** The examples of an operation, one for each status that it may be answered with. */
export const commandExamples = (operation: CommandOperation): CommandExample[] =>
  Object.entries(scenes[operation] as Scenes).map(([status, scene]: [string, Scene]) => {
    const { before, body } = scene;
    const step = { type: typeOf(operation), body, ...numberOf(operation), ...senderOf(operation) };
    return { status: status as '200' | '201', before, body, answer: answerOf(tell([...before, step])) };
  });

export const isCommandOperation = (name: string): name is CommandOperation => Object.hasOwn(scenes, name);

const typeOf = (operation: CommandOperation): PublicCommandType =>
  operation.replace(/ByNumber$/, '') as PublicCommandType;

const givenOnes: ReadonlySet<CommandOperation> = new Set([
  'RetireDeployment',
  'ApproveDeployment',
  'RejectDeployment',
  'ChangeDeployment',
  'DeleteDeployment',
]);
const numberOf = (operation: CommandOperation): { number?: number } =>
  givenOnes.has(operation) || operation.endsWith('ByNumber') ? { number: 1 } : {};
