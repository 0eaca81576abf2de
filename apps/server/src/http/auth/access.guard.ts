import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { noSuchTarget } from '#domain';
import { dialectOf } from '../../facades/dialects.js';
import { ProjectNumbers } from '../../facades/project-numbers.js';
import { Problem, unauthorized } from '../problem.js';
import { isOpen } from './access.js';
import { allows, reaches, type Identity, type Scope } from './identity.js';
import { NEEDS } from './needs.js';

/** What a sender may do. Who he is was settled before. What is not allowed by something said here is refused. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ProjectNumbers) private readonly numbers: ProjectNumbers,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (isOpen(request)) return true;
    const { identity } = request;
    if (identity === null) throw unauthorized();
    const scope = this.reflector.get<Scope | undefined>(NEEDS, context.getHandler());
    if (scope === undefined) throw new Error(`${request.routeOptions.url} does not say which scope it needs.`);
    const decide = (place: Place): true => {
      authorize(identity, scope, place);
      return true;
    };
    const place = this.placeOf(request);
    // Most need not wait.
    return place instanceof Promise ? place.then(decide) : decide(place);
  }

  /** Of a dialect's route only its project is known here: what it calls a target is its own. */
  private placeOf(request: FastifyRequest): Place | Promise<Place> {
    const dialect = dialectOf(request);
    if (!dialect) return request.params as Place;
    const named = (number: number) => this.numbers.projectOf(number, request.identity!);
    const project = dialect.projectOf(request.params as Record<string, string>, named);
    return project instanceof Promise ? project.then(placeBelow) : placeBelow(project);
  }
}

type Place = Readonly<{ project?: string; target?: string; commandId?: string }>;

const placeBelow = (project: string | undefined): Place => (project === undefined ? {} : { project, target: '' });

/** Throws what the sender is told: what lies outside his reach is not there, but he may be told that he may not create it. */
export function authorize(identity: Identity, scope: Scope, place: Place): void {
  const outside = place.project !== undefined && !reaches(identity, place.project);
  if (outside && (scope !== 'targets:write' || place.target !== undefined)) throw missing(place, scope);
  if (outside) throw new Problem('forbidden', 'This token does not reach that project.');
  if (!allows(identity, scope)) throw new Problem('forbidden', `This needs the scope ${scope}.`);
}

/** In the words of a route that looked and found nothing. */
function missing({ project, target, commandId }: Place, scope: Scope): Problem {
  if (commandId !== undefined) return new Problem('command_not_found');
  if (target === undefined) return new Problem('project_not_found');
  return new Problem(
    'target_not_found',
    scope === 'deployments:read' ? undefined : noSuchTarget(project!, target).detail,
  );
}
