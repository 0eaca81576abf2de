import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isInFlight, type PublicCommandType, type Status } from '#domain';
import { newId } from '#runtime';
import { Problem } from '../../http/problem.js';
import { FacadeCommands } from '../facade-commands.js';
import { Standings, type Addressed } from '../standings.js';

const TRIES = 10;
/** Others were quicker: it is not as it was, or not there. */
const OVERTAKEN: readonly string[] = [
  'not_allowed_from',
  'deployment_in_flight',
  'deployment_is_current',
  'deployment_not_found',
];

/** Deletes deployments, whatever their state: what is current is retired first, what is in flight canceled. */
@Injectable()
export class JiraRemovals {
  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(Standings) private readonly standings: Standings,
  ) {}

  /** What is not there, or no longer, needs no deleting. */
  async remove(request: FastifyRequest, place: Addressed): Promise<void> {
    for (let tried = 1; tried <= TRIES; tried += 1) {
      const standing = await this.standings.of(request, place);
      if (!standing || (await this.tryTo(request, place, standing.status))) return;
    }
    throw new Problem('unavailable', 'Others change this deployment at the same time; try again.', {
      headers: { 'retry-after': '1' },
    });
  }

  private async tryTo(
    request: FastifyRequest,
    { project, target, number }: Addressed,
    status: Status,
  ): Promise<boolean> {
    // An id of the client's would be one for both commands; what is gone needs none, for a retry does nothing.
    const send = (type: PublicCommandType) =>
      this.commands.send(request, { type, project, target, number, commandId: newId() });
    try {
      const first = endOf(status);
      if (first) await send(first);
      await send('DeleteDeployment');
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // With its target it is gone from all views.
      if (error.code === 'target_not_found') return true;
      if (OVERTAKEN.includes(error.code)) return false;
      throw error;
    }
  }
}

function endOf(status: Status): PublicCommandType | undefined {
  if (status === 'current') return 'RetireDeployment';
  return isInFlight(status) ? 'CancelDeployment' : undefined;
}
