import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isInFlight, type PublicCommandType, type Status } from '#domain';
import { newId } from '#runtime';
import { FacadeCommands } from '../facade-commands.js';
import { isRefusal, settling } from '../settling.js';
import { Standings, type Addressed } from '../standings.js';

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
    const removing = async (): Promise<void> => {
      const standing = await this.standings.of(request, place);
      if (standing) await this.end(request, place, standing.status);
    };
    await settling(place, removing, (error) => isRefusal(error, OVERTAKEN));
  }

  private async end(request: FastifyRequest, { project, target, number }: Addressed, status: Status): Promise<void> {
    // An id of the client's would be one for both commands; what is gone needs none, for a retry does nothing.
    const send = (type: PublicCommandType) =>
      this.commands.send(request, { type, project, target, number, commandId: newId() });
    try {
      const first = endOf(status);
      if (first) await send(first);
      await send('DeleteDeployment');
    } catch (error) {
      // With its target it is gone from all views.
      if (!isRefusal(error, ['target_not_found'])) throw error;
    }
  }
}

function endOf(status: Status): PublicCommandType | undefined {
  if (status === 'current') return 'RetireDeployment';
  return isInFlight(status) ? 'CancelDeployment' : undefined;
}
