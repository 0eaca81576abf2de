import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ProjectionStatus } from '#projections';
import { within } from '#runtime';
import { Lifecycle } from '../../lifecycle.js';
import { Answers } from '../openapi.js';
import { Standing, type StandingNow } from './standing.js';

const CHECK_MS = 2_000;
/** A view that is further behind is catching up, not keeping up. */
const MAX_LAG = 10_000;

type Health = Readonly<{ status: 'ready' | 'degraded' | 'unready'; reasons: readonly string[] }>;

@ApiTags('system')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(Standing) private readonly standing: Standing,
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
  ) {}

  /** The process runs. */
  @Get('live')
  @Answers.alive()
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  /** It may be sent requests: Postgres answers, its tables are there, no view has stopped or is still to be built, all keep up. Kafka away is degraded, not unready. */
  @Get('ready')
  @Answers.health()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Health> {
    const health = await this.check();
    if (health.status === 'unready') void reply.code(503).header('retry-after', '1');
    return health;
  }

  /** The same in the words of Versioner, whose clients ask it there. */
  @Get()
  @ApiExcludeEndpoint()
  async health(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: 'healthy' | 'unhealthy' }> {
    const { status } = await this.ready(reply);
    return { status: status === 'unready' ? 'unhealthy' : 'healthy' };
  }

  private async check(): Promise<Health> {
    if (!this.lifecycle.serving) return { status: 'unready', reasons: ['The process is starting or stopping.'] };
    try {
      return healthOf(await within(CHECK_MS, this.standing.now()));
    } catch {
      return { status: 'unready', reasons: ['The database does not answer.'] };
    }
  }
}

function healthOf({ projections, loops }: StandingNow): Health {
  const wrong = projections.flatMap(faultsOf);
  if (wrong.length > 0) return { status: 'unready', reasons: wrong };
  const ill = Object.entries(loops).flatMap(([name, loop]) => complaintsOf(name, loop));
  return { status: ill.length > 0 ? 'degraded' : 'ready', reasons: ill };
}

function faultsOf({ name, lag, state, error }: ProjectionStatus): string[] {
  if (state === 'stopped') return [`The view ${name} has stopped: ${error}`];
  if (state === 'building') return [`The view ${name} is being built.`];
  return lag > MAX_LAG ? [`The view ${name} is ${lag} positions behind.`] : [];
}

/** Health asks for no token, and what a driver says names hosts and addresses: `GET /status` has it. */
const RETRYING = 'It failed and is tried again; GET /api/v1/status and the log of the process say why.';

type Part = Readonly<{ state?: string; reason?: string | null }>;

/** Loops say what went wrong in a member `reason`, some for each of their parts. What halts one is said in our own words. */
function complaintsOf(name: string, loop: object): string[] {
  const { state, reason, partitions = [] } = loop as Part & Readonly<{ partitions?: readonly Part[] }>;
  const isOurs = [{ state, reason }, ...partitions].some((part) => part.state === 'halted' && part.reason === reason);
  if (reason) return [`${name}: ${isOurs ? reason : RETRYING}`];
  return Object.entries(loop).flatMap(([part, inner]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? complaintsOf(`${name} ${part}`, inner) : [],
  );
}
