import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { inFlightOrSameCommit, streamOf, type Deployment, type Target } from '#domain';
import type { Pool } from '#event-store';
import { targetsRunning } from '#projections';
import { reaches } from '../../../http/auth/identity.js';
import { reachOf } from '../../../http/views/pages.js';
import { POOL } from '../../../parts.js';
import { FacadeCommands, type Wish } from '../../facade-commands.js';
import { FacadeReads } from '../../facade-reads.js';
import { ProjectNumbers } from '../../project-numbers.js';
import { someAtOnce } from '../../some-at-once.js';
import { stableNumber } from '../../stable-number.js';
import { repositoryOf, secondsOf } from '../names.js';
import { DIGEST, record, recordedIn, type Artifact } from '../recorded.js';
import { updatedAt } from '../shapes.js';
import type { ArtifactRecord } from './read-records.js';

/** A record as it is stored: what runs at a place, or ran there last. */
export type Stored = Readonly<{ target: Target; artifact: Artifact; updatedAt: string; deploymentId: number }>;

/** One of so many records of a request. */
type Storing = Readonly<{ request: FastifyRequest; said: ArtifactRecord; of: number }>;

/** Makes of what is seen to run at a place the commands that say the same here. */
@Injectable()
export class ArtifactRecords {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(ProjectNumbers) private readonly projects: ProjectNumbers,
  ) {}

  /** Of what a token does not reach nothing may be said by it. */
  isReached({ identity }: FastifyRequest, { project }: ArtifactRecord): boolean {
    return reaches(identity!, project);
  }

  /** Those that were stored, in their order: of what never ran here it is not stored that it is gone. */
  async storeAll(request: FastifyRequest, records: readonly ArtifactRecord[]): Promise<Stored[]> {
    const of = records.length;
    const stored = await someAtOnce(records, (said) =>
      this.commands.settling(request, said, () => this.store({ request, said, of })),
    );
    return stored.filter((each) => each !== undefined);
  }

  /** The places of an organization that run an artifact, by the projects that the sender reaches. */
  async running(request: FastifyRequest, org: string, digest: string): Promise<Stored[]> {
    await this.reads.settleAll(['current']);
    const all = await this.projects.all(request.identity!);
    const within = all.filter((project) => repositoryOf(project).owner === org);
    const filters = { projects: reachOf(request), within, path: DIGEST, text: digest };
    return (await targetsRunning(this.pool, filters)).flatMap(runningOn);
  }

  private async store(storing: Storing): Promise<Stored | undefined> {
    const { request, said, of } = storing;
    const { project, target: key, environmentType } = said;
    const left = this.commands.hasChosenId(request) ? undefined : this.commands.leftTarget(project, key);
    const target = left ?? (await this.reads.findTarget(project, key));
    if (!said.isDeployed) return target && this.takeDown(storing, target);
    if (target) return this.deploy(storing, target);
    await this.commands.make(request, { project, target: key, of }, { environmentType, repositories: [project] });
    return this.store(storing);
  }

  private async deploy(storing: Storing, target: Target): Promise<Stored | undefined> {
    const { request, said } = storing;
    const { current } = target;
    const runs = current && recordedIn(current.metadata).artifact;
    const isThere = runs?.digest === said.artifact.digest && current?.version === said.version;
    // What was taken by a key of the client's is answered with what came of it, whatever runs there now.
    if (!isThere || (await this.commands.isRepeat(request, said)))
      return this.send(storing, target, { type: 'FinishDeployment', data: newIn(said, target) });
    if (isDeepStrictEqual(runs, said.artifact)) return runningOn(target)[0];
    const { metadata: stands, number } = current!;
    const metadata = record(stands, { ...recordedIn(stands), artifact: said.artifact });
    return this.send(storing, target, { type: 'ChangeDeployment', number, data: { metadata } });
  }

  /** Whatever runs there by now: a record is of its place. */
  private async takeDown(storing: Storing, target: Target): Promise<Stored | undefined> {
    const { current, project, key, lastNumber } = target;
    if (current) return this.send(storing, target, { type: 'RetireDeployment', number: current.number });
    const last = await this.reads.numbered(project, key, lastNumber);
    return last && storedIn(target, last, storing.said.artifact);
  }

  /** What was decided on a version of the target that is none any more is decided anew; a key of the client's has one outcome. */
  private async send(
    { request, said, of }: Storing,
    target: Target,
    wish: Pick<Wish, 'type' | 'number' | 'data'>,
  ): Promise<Stored> {
    const { artifact, project, target: key } = said;
    const expected = this.commands.hasChosenId(request) ? {} : { expectedVersion: target.version };
    const answer = await this.commands.send(request, { ...wish, project, target: key, ...expected, says: said, of });
    return storedIn(answer.target ?? target, answer.deployment!, artifact);
  }
}

/** An open deployment of that version is the one that runs now: what others keep with it stays. */
function newIn({ version, artifact, environmentType }: ArtifactRecord, target: Target) {
  const stands = inFlightOrSameCommit(target, { version, commitRefs: [] })?.metadata ?? {};
  const recorded = { production_environment: environmentType === 'production', ...recordedIn(stands), artifact };
  return { version, commitRefs: [], metadata: record(stands, recorded) };
}

/** `said` is what stands in for an artifact that nobody recorded, or that somebody overwrote. */
const storedIn = (target: Target, deployment: Deployment, said: Artifact): Stored => ({
  target,
  artifact: recordedIn(deployment.metadata).artifact ?? said,
  updatedAt: updatedAt(deployment),
  deploymentId: deployment.created.position!,
});

function runningOn(target: Target): Stored[] {
  const { current } = target;
  const artifact = current && recordedIn(current.metadata).artifact;
  return artifact ? [storedIn(target, current, artifact)] : [];
}

/** As GitHub has a record; no attestation is known here. */
export function recordShape({ target, artifact, updatedAt: at }: Stored) {
  const { name: _, ...shown } = artifact;
  const created = secondsOf(target.createdAt);
  return {
    id: stableNumber(streamOf(target.project, target.key)),
    ...shown,
    created,
    created_at: created,
    updated_at: secondsOf(at > target.createdAt ? at : target.createdAt),
    attestation_id: null,
  };
}
