import type { Time } from '../time.js';
import type { Actor, CommitRef, ExternalLink, Metadata } from './deployment.js';
import type { ClaimedBy, EnvironmentType } from './events.js';
import type { Settings, TimeOut } from './settings.js';

/** What a request brings about a deployment: what it does not mention stays; null clears link, description and time. */
export type Brought = Readonly<{
  version?: string;
  commitRefs?: readonly CommitRef[];
  scheduledFor?: Time | null;
  externalLink?: ExternalLink | null;
  description?: string | null;
  metadata?: Metadata;
}>;

/** Each setting given replaces the whole one; a member missing in a setting takes its default. */
export type SettingsChange = Readonly<{
  manualControls?: boolean;
  hanging?: Partial<TimeOut>;
  failing?: Partial<TimeOut>;
  requireSchedule?: boolean;
  approvals?: Settings['approvals'];
}>;

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
  /** From the timekeeper only: the clock that it saw (`version` and `recordedAt` of the event that set it) and the database's now. */
  TimeOutDeployment: { number: number; clockVersion: number; clockSetAt: Time; now: Time };
  DueDeployment: { number: number; dueVersion: number; now: Time };
};
export type CommandType = keyof CommandData;
export type CommandOf<T extends CommandType> = Readonly<{ type: T; project: string; target: string; data: Readonly<CommandData[T]> }>;
export type TargetCommand = { [T in CommandType]: CommandOf<T> }[CommandType];

/** Commands that other parties may send; the time-outs come from the timekeeper alone. */
export type PublicCommandType = Exclude<CommandType, 'TimeOutDeployment' | 'DueDeployment'>;

/** All that a decision may know besides the state and the command. */
export type CommandContext = Readonly<{
  actor: Actor;
  claimedBy?: ClaimedBy;
  occurredAt: Time;
  expectedVersion?: number;
}>;
