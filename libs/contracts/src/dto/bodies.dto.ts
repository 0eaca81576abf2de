import { publicCommandTypes, type PublicCommandType } from '#domain';
import { Type } from 'class-transformer';
import { IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { IsKey, IsLine, IsTime, Optional, Says } from '../rules.js';
import * as deployments from './deployments.dto.js';
import * as targets from './targets.dto.js';

/** A class whose decorators describe a body, a record or a query. */
export type Dto<T extends object = object> = new () => T;

/** Who a request says that it comes from. */
export class ClaimedBy {
  @IsLine(255)
  id!: string;

  @Optional()
  @IsLine(255)
  name?: string;
}

/** What any body over HTTP may carry besides the members of its command. */
export type Reported = { occurredAt?: string; claimedBy?: ClaimedBy };

/** What each command says about its target or deployment, the same over HTTP and Kafka. */
export const commandData = {
  CreateTarget: targets.CreateTarget,
  ChangeTarget: targets.ChangeTarget,
  DeleteTarget: targets.DeleteTarget,
  ScheduleDeployment: deployments.ScheduleDeployment,
  StartDeployment: deployments.StartDeployment,
  FinishDeployment: deployments.FinishDeployment,
  FailDeployment: deployments.FailDeployment,
  CancelDeployment: deployments.CancelDeployment,
  RollbackDeployment: deployments.RollbackDeployment,
  RetireDeployment: deployments.RetireDeployment,
  ApproveDeployment: deployments.ApproveDeployment,
  RejectDeployment: deployments.RejectDeployment,
  ChangeDeployment: deployments.ChangeDeployment,
  DeleteDeployment: deployments.DeleteDeployment,
} satisfies Record<PublicCommandType, Dto>;

const withReport = (Data: Dto): Dto<Reported> => {
  class Body extends Data {
    @Says('When it happened; by default the time of arrival, and at most five minutes ahead of it.')
    @Optional()
    @IsTime()
    occurredAt?: string;

    @Optional()
    @IsObject()
    @ValidateNested()
    @Type(() => ClaimedBy)
    claimedBy?: ClaimedBy;
  }
  return Body;
};

const withNumber = (Data: Dto): Dto => {
  class Numbered extends Data {
    @IsInt()
    @Min(1)
    @Max(Number.MAX_SAFE_INTEGER)
    number!: number;
  }
  return Numbered;
};

const withNumberPerhaps = (Data: Dto): Dto => {
  class Numbered extends Data {
    @Says('Names one given deployment; without it, it is looked up by branch.')
    @Optional()
    @IsInt()
    @Min(1)
    @Max(Number.MAX_SAFE_INTEGER)
    number?: number;
  }
  return Numbered;
};

class KeyedTarget extends targets.CreateTarget {
  @IsKey()
  key!: string;
}

class PerhapsKeyedTarget extends targets.CreateTarget {
  @Says('Equals the target of the command.')
  @Optional()
  @IsKey()
  key?: string;
}

/** The body of each command over HTTP, where path and headers name project, target, number, id and expected version. */
export const httpBodies: Readonly<Record<PublicCommandType, Dto<Reported>>> = {
  ...(Object.fromEntries(publicCommandTypes.map((type) => [type, withReport(commandData[type])])) as Record<
    PublicCommandType,
    Dto<Reported>
  >),
  CreateTarget: withReport(KeyedTarget),
};

/** The `data` of each command over Kafka. */
export const recordData: Readonly<Record<PublicCommandType, Dto>> = {
  ...commandData,
  CreateTarget: PerhapsKeyedTarget,
  StartDeployment: withNumberPerhaps(commandData.StartDeployment),
  FinishDeployment: withNumberPerhaps(commandData.FinishDeployment),
  FailDeployment: withNumberPerhaps(commandData.FailDeployment),
  CancelDeployment: withNumberPerhaps(commandData.CancelDeployment),
  RetireDeployment: withNumber(commandData.RetireDeployment),
  ApproveDeployment: withNumber(commandData.ApproveDeployment),
  RejectDeployment: withNumber(commandData.RejectDeployment),
  ChangeDeployment: withNumber(commandData.ChangeDeployment),
  DeleteDeployment: withNumber(commandData.DeleteDeployment),
};
