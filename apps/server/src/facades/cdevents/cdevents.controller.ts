import { Controller, Inject, Options, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../http/auth/needs.js';
import { toProblem } from '../../http/problem.js';
import { Receiving } from './receiving.js';
import { readCDEvent, type CDEvent } from './read-cdevent.js';
import { readCloudEvents, type CloudEvent } from './read-cloud-event.js';

type Taken = Readonly<{ event: CloudEvent; said: CDEvent | undefined }>;

/** Where tools that send CDEvents send them. Below a project, all is that project's, whatever the events call it. */
@ApiExcludeController()
@Controller(['cdevents', 'cdevents/:project'])
export class CDEventsController {
  constructor(@Inject(Receiving) private readonly receiving: Receiving) {}

  @Post()
  @Needs('deployments:write')
  async receive(
    @Param('project') project: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // One that is none refuses them all, before any was taken.
    const all = readCloudEvents(request).map((event): Taken => ({ event, said: readCDEvent(event, project) }));
    if (all.length === 1) {
      await reply.code(202).send(await this.take(request, all[0]!));
      return;
    }
    const results: object[] = [];
    let status = 202;
    for (const each of all) {
      try {
        results.push(await this.take(request, each));
      } catch (error) {
        const problem = toProblem(error);
        if (problem.status >= 500) throw error;
        if (status === 202) status = problem.status;
        results.push({ ...nameOf(each.event), outcome: 'refused', problem: problem.oneOfMany() });
      }
    }
    await reply.code(status).send({ results });
  }

  /** By which a sender asks whether events are wanted here (CloudEvents' HTTP webhooks). */
  @Options()
  @Needs('deployments:write')
  async allow(@Req() { headers }: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const origin = headers['webhook-request-origin'];
    if (typeof origin === 'string')
      void reply.headers({ 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' });
    await reply.code(200).header('allow', 'POST').send();
  }

  private async take(request: FastifyRequest, { event, said }: Taken): Promise<object> {
    const answer = said && (await this.receiving.receive(request, said));
    if (!said || !answer) return { ...nameOf(event), outcome: 'ignored' };
    const { project, target } = said;
    const { number, status } = answer.deployment ?? { number: null, status: null };
    return { ...nameOf(event), outcome: 'accepted', project, target, number, status };
  }
}

const nameOf = ({ id, source, type }: CloudEvent) => ({ id, source, type });
