import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, NeedsReading } from '../../../http/auth/needs.js';
import { readNumber } from '../../../http/number.js';
import { Problem } from '../../../http/problem.js';
import { sendResource } from '../../../http/resource.js';
import { Refused } from '../../dialect.js';
import { FacadeReads } from '../../facade-reads.js';
import { sendJson } from '../answering.js';
import { Body } from '../body.js';
import { refuse } from '../dialect.js';
import { repositoryOf } from '../names.js';
import { recordedIn } from '../recorded.js';
import { ArtifactRecords, recordShape, type Stored } from './artifact-records.js';
import { readRecord, readRecords, readWhere, type ArtifactRecord } from './read-records.js';

type OfOrg = Readonly<{ org: string }>;
type OfCluster = OfOrg & Readonly<{ cluster: string }>;

/** Beyond any number of records that one request has room for. */
const MOST_RECORDS = 100_000;
/** The reporter of GitHub's sends a whole cluster at once, some 300 bytes for each container, and ends where that is refused. */
const WHOLE_CLUSTER = { maxBytes: 4 * 1024 * 1024 };

/** What runs where by digest, as clusters report it: deployment records of artifacts. */
@ApiExcludeController()
@Controller(['api/v3/orgs/:org/artifacts', 'orgs/:org/artifacts'])
export class GitHubArtifactRecordsController {
  constructor(
    @Inject(ArtifactRecords) private readonly records: ArtifactRecords,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  @Post('metadata/deployment-record')
  @Needs('deployments:write')
  async create(@Param() { org }: OfOrg, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = new Body(request.body);
    const record = readRecord(body, org, readWhere(body));
    if (!this.records.isReached(request, record)) throw none();
    await sendJson(reply, 200, stored(body, await this.records.storeAll(request, [record])));
  }

  /** Those that are not named stay as they are. */
  @Post('metadata/deployment-record/cluster/:cluster')
  @RouteConfig(WHOLE_CLUSTER)
  @Needs('deployments:write')
  async set(
    @Param() { org, cluster }: OfCluster,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = new Body(request.body);
    const isPartial = body.flag('partial_success') === true;
    const { within, outside } = this.parted(request, readRecords(body, org, cluster));
    if (outside.length > 0 && !isPartial) throw none();
    const answer = stored(body, await this.records.storeAll(request, within));
    if (outside.length === 0) return sendJson(reply, 200, answer);
    await sendJson(reply, 207, { ...answer, errors: outside.map(unauthorized) });
  }

  /** All is done before it is answered: a job that only one process knew of could be lost. */
  @Post('metadata/deployment-record/cluster/:cluster/jobs')
  @RouteConfig(WHOLE_CLUSTER)
  @Needs('deployments:write')
  async start(
    @Param() { org, cluster }: OfCluster,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { within, outside } = this.parted(request, readRecords(new Body(request.body), org, cluster));
    if (within.length === 0) throw none();
    const all = await this.records.storeAll(request, within);
    const last = all.reduce((latest, { deploymentId }) => Math.max(latest, deploymentId), 0);
    const errors = outside.map(({ artifact: { name } }) => ({ name, cause: 'unauthorized' }));
    await sendJson(reply, 202, {
      job_id: last * MOST_RECORDS + all.length,
      ...(errors.length > 0 ? { errors } : {}),
    });
  }

  /** The number of a job says how many records it stored, and of which the last deployment was. */
  @Get('metadata/deployment-record/cluster/:cluster/jobs/:job')
  @NeedsReading()
  async job(
    @Param() { org, cluster, job }: OfCluster & Readonly<{ job: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // One that found nothing to store.
    if (job === '0') return sendResource(request, reply, { job_id: 0, status: 'completed', total_count: 0 });
    const number = readNumber(job);
    if (number === undefined) throw new Problem('not_found');
    const last = Math.floor(number / MOST_RECORDS);
    const { shown } = await this.reads.deploymentIn(request.identity!.projects, String(last));
    // What was taken down may have been deployed by somebody who recorded no artifact.
    const { artifact } = recordedIn(shown.metadata);
    const isOfIt = repositoryOf(shown.project).owner === org && (!artifact || artifact.cluster === cluster);
    if (!isOfIt) throw new Problem('not_found');
    await sendResource(request, reply, {
      job_id: number,
      status: 'completed',
      started_at: shown.finishedAt ?? shown.createdAt,
      total_count: number % MOST_RECORDS,
    });
  }

  /** The places that run it. */
  @Get(':digest/metadata/deployment-records')
  @NeedsReading()
  async list(
    @Param() { org, digest }: OfOrg & Readonly<{ digest: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.records.running(request, org, digest);
    await sendResource(request, reply, { total_count: found.length, deployment_records: found.map(recordShape) });
  }

  private parted(request: FastifyRequest, all: readonly ArtifactRecord[]) {
    const isReached = (record: ArtifactRecord): boolean => this.records.isReached(request, record);
    return { within: all.filter(isReached), outside: all.filter((each) => !isReached(each)) };
  }
}

/** Clients leave alone what is refused so, and do not try again. */
const none = (): Refused => new Refused(refuse(404, 'no artifacts found'));

const unauthorized = ({ artifact, version, isDeployed }: ArtifactRecord) => {
  const { name, digest, deployment_name, tags, runtime_risks } = artifact;
  const status = isDeployed ? 'deployed' : 'decommissioned';
  return { cause: 'unauthorized', deployment: { name, digest, deployment_name, version, status, tags, runtime_risks } };
};

const stored = (body: Body, all: readonly Stored[]): object => ({
  total_count: all.length,
  ...(body.flag('return_records') === false ? {} : { deployment_records: all.map(recordShape) }),
});
