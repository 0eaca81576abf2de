import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Target } from '#domain';
import { Problem } from '../../http/problem.js';
import { FacadeCommands } from '../facade-commands.js';
import { FacadeReads, type Seen } from '../facade-reads.js';
import { invalid } from './dialect.js';
import { Params } from './params.js';
import { record, recordedIn } from './recorded.js';
import { eventTo, moveFor, reportedStates, type Move, type ReportedState } from './states.js';

/** How often a change is decided anew, where somebody else was quicker. */
const TRIES = 3;

/** A deployment, and its target as the change left it. */
type Changed = Readonly<{ seen: Seen; target: Target | null }>;

/** Makes of the status that a client gives a deployment the command that says the same here. */
@Injectable()
export class StatusChanges {
  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  async change(request: FastifyRequest, project: string, id: string): Promise<Changed> {
    const params = new Params(request);
    const wanted = params.requiredOneOf('status', reportedStates);
    params.check();
    const left = this.commands.left(request, project, id);
    if (left) {
      const [seen] = await this.reads.seen([left]);
      // Whether a step that is not allowed still is not, only the view can say.
      const move = moveFor(wanted, left.deployment);
      const changed = move && (await this.carryOut(request, seen!, move, left.version).catch(ifOthersWereQuicker));
      if (changed) return changed;
    }
    for (let tried = 1; ; tried += 1) {
      const seen = await this.reads.deployment(project, id);
      const isRepeat = await this.commands.isRepeat(request, seen.shown);
      const move = moveFor(wanted, seen.deployment) ?? (isRepeat ? CHANGE : undefined);
      if (!move) throw notAllowed(wanted);
      const changed = await this.carryOut(request, seen, move).catch((error: unknown) => {
        if (tried < TRIES) return ifOthersWereQuicker(error);
        throw error instanceof Problem && error.code === 'not_allowed_from' ? notAllowed(wanted) : error;
      });
      if (changed) return changed;
    }
  }

  private async carryOut(
    request: FastifyRequest,
    { shown, deployment: { metadata } }: Seen,
    { type, told }: Move,
    expectedVersion?: number,
  ): Promise<Changed> {
    const { project, target, number } = shown;
    const { told: before, ...kept } = recordedIn(metadata);
    const isTold = before !== told && type !== 'CancelDeployment';
    const answer = await this.commands.send(request, {
      ...{ type, project, target, number },
      data: {
        ...(isTold ? { metadata: record(metadata, { ...kept, ...(told ? { told } : {}) }) } : {}),
        ...(type === 'StartDeployment' ? { supersede: true } : {}),
      },
      ...(expectedVersion === undefined ? {} : { expectedVersion }),
    });
    const [seen] = await this.reads.seen([{ project, target, deployment: answer.deployment! }]);
    return { seen: seen!, target: answer.target };
  }
}

const CHANGE: Move = { type: 'ChangeDeployment' };

const notAllowed = (wanted: ReportedState): Error =>
  invalid({ status: [`cannot transition via "${eventTo[wanted]}"`] });

function ifOthersWereQuicker(error: unknown): undefined {
  if (!(error instanceof Problem && ['version_conflict', 'not_allowed_from'].includes(error.code))) throw error;
}
