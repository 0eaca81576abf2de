import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problem.js';
import { allows, reaches, type Identity, type Scope } from './identity.js';
import { NEEDS } from './needs.js';

/** What a sender may do. Who he is was settled before; routes that ask for no token have no identity to look at. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { identity, params } = context.switchToHttp().getRequest<FastifyRequest>();
    if (identity === null) return true;
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(NEEDS, [
      context.getHandler(),
      context.getClass(),
    ]);
    authorize(identity, scope ?? 'deployments:read', params as Place);
    return true;
  }
}

type Place = Readonly<{ project?: string; target?: string }>;

/** Throws what the sender is told: what lies outside his reach is not there, but he may be told that he may not create it. */
export function authorize(identity: Identity, scope: Scope, { project, target }: Place): void {
  const outside = project !== undefined && !reaches(identity, project);
  if (outside && (scope !== 'targets:write' || target !== undefined))
    throw new Problem(target === undefined ? 'project_not_found' : 'target_not_found');
  if (outside || !allows(identity, scope)) throw new Problem('forbidden', `This needs the scope ${scope}.`);
}
