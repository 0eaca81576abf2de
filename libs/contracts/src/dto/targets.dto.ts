import { environmentTypes, type EnvironmentType } from '#domain';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsPositive,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { HasDistinctNames, IsHttpUrl, IsLabels, IsLine, IsText, Nullable, Optional, Says } from '../rules.js';
import { MAX_REF } from './brought.dto.js';
import { MAX_RULE_NAME } from './deployments.dto.js';

const MAX_MINUTES = 5_256_000;

/** A member left out takes its default. */
export class TimeOut {
  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @Says('Minutes, fractions included.')
  @Optional()
  @IsNumber({ allowNaN: false, allowInfinity: false }, { message: '$property must be a number' })
  @IsPositive()
  @Max(MAX_MINUTES)
  afterMinutes?: number;
}

export class ApprovalRule {
  @IsLine(MAX_RULE_NAME)
  name!: string;

  @Says('How many different actors have to approve.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  required!: number;
}

/** Each setting given replaces the whole one. */
export class Settings {
  @Says('Whether people may control single deployments.')
  @Optional()
  @IsBoolean()
  manualControls?: boolean;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => TimeOut)
  hanging?: TimeOut;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => TimeOut)
  failing?: TimeOut;

  @Optional()
  @IsBoolean()
  requireSchedule?: boolean;

  @Optional()
  @IsArray()
  @ArrayMaxSize(20)
  @HasDistinctNames()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ApprovalRule)
  approvals?: ApprovalRule[];
}

export class ChangeTarget {
  @Says('null clears it.')
  @Nullable()
  @IsLine(200)
  name?: string | null;

  @Says('null clears it.')
  @Nullable()
  @IsText(10_000)
  description?: string | null;

  @Optional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsLine(MAX_REF, { each: true })
  repositories?: string[];

  @Optional()
  @IsIn(environmentTypes)
  environmentType?: EnvironmentType;

  @Says('null clears it.')
  @Nullable()
  @IsHttpUrl()
  externalUrl?: string | null;

  @Says('Replaced whole.')
  @Optional()
  @IsLabels()
  labels?: Record<string, string>;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => Settings)
  settings?: Settings;
}

export class CreateTarget extends ChangeTarget {}

export class DeleteTarget {}
