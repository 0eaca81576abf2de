import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsObject, ValidateNested } from 'class-validator';
import {
  HasDistinctBranches,
  IsHttpUrl,
  IsLine,
  IsMetadata,
  IsText,
  IsTime,
  Nullable,
  Optional,
  Says,
  together,
} from '../rules.js';

export const MAX_VERSION = 255;
export const MAX_REF = 500;
export const MAX_COMMIT = 100;
const MAX_COMMIT_REFS = 100;

export class CommitRef {
  @IsLine(MAX_REF)
  repository!: string;

  @Says('refs/heads/ is dropped when branches are compared, never when shown.')
  @IsLine(MAX_REF)
  branch!: string;

  @Optional()
  @IsLine(MAX_COMMIT)
  commit?: string;
}

export class ExternalLink {
  @Optional()
  @IsLine(200)
  label?: string;

  @IsHttpUrl()
  url!: string;
}

/** A list of commit refs; the type of the items makes class-transformer build them. */
export const AreCommitRefs = (): PropertyDecorator =>
  together(
    Optional(),
    IsArray(),
    ArrayMaxSize(MAX_COMMIT_REFS),
    HasDistinctBranches(),
    IsObject({ each: true }),
    ValidateNested({ each: true }),
    Type(() => CommitRef),
  );

/** What a request may bring besides version and commit refs; what it does not mention stays. */
export class Particulars {
  @Says('When it is planned for; null clears it.')
  @Nullable()
  @IsTime()
  scheduledFor?: string | null;

  @Says('null clears it.')
  @Nullable()
  @IsObject()
  @ValidateNested()
  @Type(() => ExternalLink)
  externalLink?: ExternalLink | null;

  @Says('null clears it.')
  @Nullable()
  @IsText(10_000)
  description?: string | null;

  @Says('Replaced whole: at most 64 members and 16 KiB of JSON.')
  @Optional()
  @IsMetadata()
  metadata?: Record<string, unknown>;
}

/** All that a request may bring about a deployment. */
export class Brought extends Particulars {
  @Optional()
  @IsLine(MAX_VERSION)
  version?: string;

  @AreCommitRefs()
  commitRefs?: CommitRef[];
}
