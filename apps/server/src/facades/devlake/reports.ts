import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { plainBranch, type CommitRef, type Metadata } from '#domain';
import { newId } from '#runtime';
import { FacadeCommands, type Wish } from '../facade-commands.js';
import { isRefusal, settling } from '../settling.js';
import { isOvertaken, Standings, type Identified, type Standing } from '../standings.js';
import { versionOfRef } from '../version-of-ref.js';
import type { Commit, Reported } from './read-deployment.js';
import { record, recordedResult } from './recorded.js';
import { moveFor } from './results.js';

/** So many commits may a deployment name here. */
const MOST_REFS = 100;
/** What is said of it may be longer than a reason. */
const MOST_REASON = 2_000;

type Reporting = Readonly<{ request: FastifyRequest; reported: Reported; place: Identified }>;

/** Makes of a deployment that has ended the commands that say how it went. */
@Injectable()
export class DevlakeReports {
  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(Standings) private readonly standings: Standings,
  ) {}

  /** Throws where it is refused. The same id again is the same deployment. */
  async report(request: FastifyRequest, project: string, reported: Reported): Promise<void> {
    const { id, target, environmentType } = reported;
    const place = { project, target, name: `devlake:${hash('sha256', id, 'base64url')}` };
    const reporting = async (): Promise<void> => {
      await this.commands.makeMissing(request, place, { environmentType });
      const found = await this.standings.standing(request, place);
      const given = { request, reported, place };
      await this.update(given, found.number === undefined ? await this.schedule(given, found.attempt) : found);
    };
    await settling(place, reporting, isOvertaken);
  }

  /** Until the report is done no result is recorded: whoever tries again goes on with it. */
  private async schedule(reporting: Reporting, attempt: number): Promise<Standing> {
    const { reported, place } = reporting;
    const { deployment, outcome } = await this.standings.make(
      reporting.request,
      { identity: place, attempt },
      {
        type: 'ScheduleDeployment',
        data: {
          ...contentOf(reported, record({}, reported, undefined)),
          occurredAt: reported.created,
          supersede: true,
        },
      },
    );
    const { number, status, metadata } = deployment!;
    return { number, status, metadata, version: outcome.version };
  }

  /** What was reported already is recorded, and changes nothing else: what became of it since is not taken back. */
  private async update(reporting: Reporting, standing: Standing): Promise<void> {
    const { reported } = reporting;
    const { number, status, metadata } = standing;
    const { result, finished, description } = reported;
    const content = { ...contentOf(reported, record(metadata, reported, result)), occurredAt: finished };
    const move = recordedResult(metadata) === result ? undefined : moveFor(result, status);
    let expectedVersion = standing.version;
    if (move && status === 'scheduled') expectedVersion = await this.begin(reporting, standing);
    if (move === 'CancelDeployment') {
      const data = { occurredAt: finished };
      const { outcome } = await this.send(reporting, { type: move, number, expectedVersion, data });
      expectedVersion = outcome.version;
    }
    const isMoved = move === undefined || move === 'CancelDeployment';
    const type = isMoved ? 'ChangeDeployment' : move;
    const reason =
      type === 'FailDeployment' ? { reason: [...(description || result)].slice(0, MOST_REASON).join('') } : {};
    await this.send(reporting, { type, number, expectedVersion, data: { ...content, ...reason } });
  }

  /** It has begun, unless something else is in progress there, which nothing that has ended stops. */
  private async begin(reporting: Reporting, { number, version }: Standing): Promise<number> {
    const data = { occurredAt: reporting.reported.started };
    try {
      const started = { type: 'StartDeployment', number, expectedVersion: version, data } as const;
      return (await this.send(reporting, started)).outcome.version;
    } catch (error) {
      if (!isRefusal(error, ['deployment_in_flight'])) throw error;
      return version;
    }
  }

  private send({ request, place }: Reporting, wish: Omit<Wish, 'project' | 'target'>) {
    // A key of the client's adds nothing: the deployment is found again by its id.
    return this.commands.send(request, { ...place, commandId: newId(), ...wish });
  }
}

function contentOf({ commits, link, description }: Reported, metadata: Metadata) {
  const first = commits[0]!;
  return {
    version: versionOfRef(first.refName || first.commitSha),
    commitRefs: refsOf(commits),
    description: description || null,
    metadata,
    ...(link === undefined ? {} : { externalLink: { url: link } }),
  };
}

/** Of several commits of one branch the last; what names no branch stands for itself. */
function refsOf(commits: readonly Commit[]): CommitRef[] {
  const refs = new Map<string, CommitRef>();
  for (const { repoUrl: repository, refName, commitSha: commit } of commits) {
    const branch = refName || commit;
    refs.set(JSON.stringify([repository, plainBranch(branch)]), { repository, branch, commit });
  }
  return [...refs.values()].slice(-MOST_REFS);
}
