import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn } from 'class-validator';
import { HasWholeReach, IsKey, IsTime, Optional, Says } from '../rules.js';

/** What a token may be for; every one includes reading, `admin` includes all. */
export const scopes = ['deployments:read', 'deployments:write', 'targets:write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const tokenKinds = ['service', 'user'] as const;
export type TokenKind = (typeof tokenKinds)[number];

export class CreateToken {
  @Says('Unique; the actor of what it sends has it as id.')
  @IsKey()
  name!: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(scopes.length)
  @ArrayUnique()
  @IsIn(scopes, { each: true })
  scopes!: Scope[];

  @Says('Keys of projects, or `*` alone for all.')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @ArrayUnique()
  @IsKey({ each: true })
  @HasWholeReach()
  projects!: string[];

  @Says('`service` unless said.')
  @Optional()
  @IsIn(tokenKinds)
  kind?: TokenKind;

  @Says(
    "In the future, and no later than its maker ends. Without it: the maker's own, else it lives until it is revoked.",
  )
  @Optional()
  @IsTime()
  expiresAt?: string;
}
