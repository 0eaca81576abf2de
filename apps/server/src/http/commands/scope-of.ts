import type { CommandType } from '#domain';
import type { Scope } from '../auth/identity.js';

/** The scope that a command of this type asks for. */
export const scopeOf = (type: CommandType): Scope => (type.endsWith('Target') ? 'targets:write' : 'deployments:write');
