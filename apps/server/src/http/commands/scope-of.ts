import type { PublicCommandType } from '#domain';
import type { Scope } from '../auth/identity.js';

/** The scope that a command of this type asks for. */
export const scopeOf = (type: PublicCommandType): Scope =>
  type.endsWith('Target') ? 'targets:write' : 'deployments:write';
