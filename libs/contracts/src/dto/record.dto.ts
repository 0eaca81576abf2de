import { publicCommandTypes, type PublicCommandType } from '#domain';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { IsCommandId, IsKey, IsLine, IsTime, Optional, Says } from '../rules.js';
import { ClaimedBy } from './bodies.dto.js';

const actorKinds = ['user', 'service', 'system'] as const;

export class Sender {
  @IsLine(255)
  id!: string;

  @Optional()
  @IsLine(255)
  name?: string;

  @IsIn(actorKinds)
  kind!: (typeof actorKinds)[number];
}

/** A command as a record of the commands topic; `data` is checked by its type. */
export class CommandRecord {
  @Says('Unique within the target; without one the record itself is the id. The id of a CloudEvent goes before it.')
  @Optional()
  @IsCommandId()
  commandId?: string;

  @IsIn(publicCommandTypes)
  type!: PublicCommandType;

  @IsKey()
  project!: string;

  @IsKey()
  target!: string;

  @Says('Taken at its word where the topic is trusted, else kept as what was claimed.')
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => Sender)
  actor?: Sender;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ClaimedBy)
  claimedBy?: ClaimedBy;

  @Optional()
  @IsTime()
  occurredAt?: string;

  @Says("Version of the target's stream that the command was made for.")
  @Optional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  expectedVersion?: number;

  @IsObject()
  data!: object;
}
