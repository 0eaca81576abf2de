import { toTime, type Actor, type Time } from '#domain';
import { badInput, BadInput } from './bad-input.js';
import { check } from './check.js';
import { CreateToken, type Scope, type TokenKind } from './dto/tokens.dto.js';
import { faultOf } from './inspect.js';

type Projects = readonly string[] | '*';

/** What somebody asks a token for. */
export type NewToken = Readonly<{
  name: string;
  kind: TokenKind;
  scopes: readonly Scope[];
  projects: Projects;
  expiresAt: Time | null;
}>;

/** A token as it is kept, but for what proves that somebody has it. */
export type TokenRecord = NewToken &
  Readonly<{ id: string; createdAt: Time; createdBy: Actor; lastUsedAt: Time | null }>;

export type PresentedToken = Readonly<Omit<TokenRecord, 'projects'> & { projects: readonly string[] }>;

/** Reads the parsed body that asks for a token, of which it trusts nothing. Throws BadInput. */
export const parseNewToken = (body: unknown, { now }: { now: Time }): NewToken => {
  const fault = faultOf(body);
  if (fault) throw new BadInput([{ ...fault, field: fault.field || 'body' }]);
  const { name, scopes, projects, kind = 'service', expiresAt } = check(CreateToken, body);
  const ends = expiresAt === undefined ? null : toTime(expiresAt)!;
  if (ends !== null && ends <= now) throw badInput('expiresAt', 'must be in the future');
  return { name, kind, scopes, projects: projects[0] === '*' ? '*' : projects, expiresAt: ends };
};

/** A token as it is shown: nothing in it lets anybody in. */
export const presentToken = (token: TokenRecord): PresentedToken => {
  const { id, name, kind, scopes, projects, createdAt, createdBy, expiresAt, lastUsedAt } = token;
  const shown = projects === '*' ? ['*'] : projects;
  return { id, name, kind, scopes, projects: shown, createdAt, createdBy, expiresAt, lastUsedAt };
};
