import type { Time } from '../time.js';
import type { Actor, Content } from './deployment.js';
import type { ClaimedBy, EnvironmentType } from './events.js';
import type { SettingsChange } from './settings.js';

/** What a request brings about a deployment: what it does not mention stays; null clears link, description and time. */
export type Brought = Partial<Content>;

export type TargetChange = Readonly<{
  name?: string | null;
  description?: string | null;
  repositories?: readonly string[];
  environmentType?: EnvironmentType;
  externalUrl?: string | null;
  labels?: Readonly<Record<string, string>>;
  settings?: SettingsChange;
}>;

/** `number` names one given deployment; without it the deployment is looked up by branch. */
type CommandData = {
  CreateTarget: TargetChange;
  ChangeTarget: TargetChange;
  DeleteTarget: object;
  ScheduleDeployment: Brought & { supersede?: boolean };
  StartDeployment: Brought & { number?: number; supersede?: boolean };
  FinishDeployment: Brought & { number?: number };
  FailDeployment: Brought & { number?: number; reason?: string };
  CancelDeployment: Pick<Brought, 'version' | 'commitRefs'> & { number?: number; reason?: string };
  RollbackDeployment: Omit<Brought, 'version' | 'commitRefs'> & { to?: number };
  RetireDeployment: { number: number };
  ApproveDeployment: { number: number; comment?: string; rule?: string };
  RejectDeployment: { number: number; comment?: string };
  ChangeDeployment: Brought & { number: number };
  DeleteDeployment: { number: number };
  /** From the timekeeper only, as DueDeployment: the clock that it saw (`version` and `recordedAt` of the event that set it) and the database's now. */
  TimeOutDeployment: { number: number; clockVersion: number; clockSetAt: Time; now: Time };
  DueDeployment: { number: number; dueVersion: number; now: Time };
};

/** Commands that other parties may send. */
export const publicCommandTypes = [
  'CreateTarget',
  'ChangeTarget',
  'DeleteTarget',
  'ScheduleDeployment',
  'StartDeployment',
  'FinishDeployment',
  'FailDeployment',
  'CancelDeployment',
  'RollbackDeployment',
  'RetireDeployment',
  'ApproveDeployment',
  'RejectDeployment',
  'ChangeDeployment',
  'DeleteDeployment',
] as const;
export type PublicCommandType = (typeof publicCommandTypes)[number];
export type CommandType = keyof CommandData;
export type DataOf<T extends CommandType> = Readonly<CommandData[T]>;
export type CommandOf<T extends CommandType> = Readonly<{
  type: T;
  project: string;
  target: string;
  data: DataOf<T>;
}>;
export type TargetCommand = { [T in CommandType]: CommandOf<T> }[CommandType];

/** All that a decision may know besides the state and the command. */
export type CommandContext = Readonly<{
  actor: Actor;
  claimedBy?: ClaimedBy;
  occurredAt: Time;
  expectedVersion?: number;
}>;
