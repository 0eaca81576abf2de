import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { IsLine, IsText, Optional, Says } from '../rules.js';
import { AreCommitRefs, Brought, MAX_VERSION, Particulars, type CommitRef } from './brought.dto.js';

const MAX_REASON = 2_000;
export const MAX_RULE_NAME = 100;

export class ScheduleDeployment extends Brought {
  @Says('Cancel the waiting deployment of the same branch instead of changing it.')
  @Optional()
  @IsBoolean()
  supersede?: boolean;
}

export class StartDeployment extends Brought {
  @Says('Cancel the deploying deployment instead of taking it over.')
  @Optional()
  @IsBoolean()
  supersede?: boolean;
}

export class FinishDeployment extends Brought {}

export class FailDeployment extends Brought {
  @Optional()
  @IsText(MAX_REASON)
  reason?: string;
}

/** Version and commit refs only find the deployment. */
export class CancelDeployment {
  @Optional()
  @IsLine(MAX_VERSION)
  version?: string;

  @AreCommitRefs()
  commitRefs?: CommitRef[];

  @Optional()
  @IsText(MAX_REASON)
  reason?: string;
}

export class RollbackDeployment extends Particulars {
  @Says('Number of the deployment to go back to; by default the one that stopped being current last.')
  @Optional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  to?: number;
}

export class RetireDeployment {}

export class ApproveDeployment {
  @Optional()
  @IsText(MAX_REASON)
  comment?: string;

  @Says('The approval rule that it counts for; by default the first that still lacks approvals.')
  @Optional()
  @IsLine(MAX_RULE_NAME)
  rule?: string;
}

export class RejectDeployment {
  @Optional()
  @IsText(MAX_REASON)
  comment?: string;
}

export class ChangeDeployment extends Brought {}

export class DeleteDeployment {}
