import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { MAX_METADATA_BYTES } from '#contracts';
import type { CommitRef, Metadata } from '#domain';
import { newId } from '#runtime';
import { reaches } from '../../http/auth/identity.js';
import { Problem } from '../../http/problem.js';
import { FacadeCommands, type Wish } from '../facade-commands.js';
import { isRefusal, settling } from '../settling.js';
import { FIRST, isOvertaken, Standings, type Identified, type Standing } from '../standings.js';
import { fitting, type Association } from './associations.js';
import { identifiedBy, int64In } from './identity.js';
import type { Submitted } from './read-submission.js';
import { record, recordedIn, type Recorded } from './recorded.js';
import { moveFor, type Report, type State } from './states.js';

/** States in which a deployment is reported first. */
const begins: ReadonlySet<State> = new Set(['unknown', 'pending', 'in_progress']);
/** So many commits may a deployment name here. */
const MOST_REFS = 100;

type Reporting = Readonly<{ request: FastifyRequest; item: Submitted; place: Identified }>;
/** Metadata with a report, and the associations that found no room in it. */
type Noted = Readonly<{ metadata: Metadata; left: readonly Association[] }>;

/** Makes of what is reported of one deployment the commands that say the same here. */
@Injectable()
export class JiraReports {
  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(Standings) private readonly standings: Standings,
  ) {}

  /** What of its associations could not be kept. Throws where the report is refused. */
  async report(request: FastifyRequest, item: Submitted): Promise<readonly Association[]> {
    const place = identifiedBy(item.identity);
    if (!reaches(request.identity!, place.project))
      throw new Problem('forbidden', 'This token does not reach the project of that pipeline.');
    let isNew = begins.has(item.state) && !this.standings.isKnown(place);
    const decide = (): Promise<readonly Association[]> => {
      const reporting = { request, item, place };
      const decided = isNew ? this.decideNew(reporting) : this.decide(reporting);
      isNew = false;
      return decided;
    };
    return settling(place, decide, isOvertaken);
  }

  /** What begins is new as a rule: it is made without asking. Where it is not, its command has its outcome, and all is looked at. */
  private async decideNew(reporting: Reporting): Promise<readonly Association[]> {
    await this.makeMissing(reporting);
    try {
      return await this.make(reporting, FIRST);
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      // It may have been refused the first time, and is not now.
      return this.decide(reporting);
    }
  }

  private makeMissing({ request, item, place }: Reporting): Promise<void> {
    return this.commands.makeMissing(request, place, {
      environmentType: item.environmentType,
      name: nameOf(item.recorded.environment.displayName),
    });
  }

  private async decide(reporting: Reporting): Promise<readonly Association[]> {
    const { request, place } = reporting;
    await this.makeMissing(reporting);
    const standing = await this.standings.standing(request, place);
    return standing.number === undefined ? this.make(reporting, standing.attempt) : this.update(reporting, standing);
  }

  /** It begins as planned or in progress; what it became otherwise is an update of it. */
  private async make(reporting: Reporting, attempt: number): Promise<readonly Association[]> {
    const { item, place } = reporting;
    if (item.state !== 'in_progress') return this.schedule(reporting, attempt);
    const { metadata, left } = noted({}, item, { state: item.state, while: 'deploying' });
    try {
      await this.standings.make(
        reporting.request,
        { identity: place, attempt },
        { type: 'StartDeployment', data: { ...contentOf(item, metadata), supersede: true } },
      );
      return left;
    } catch (error) {
      // Gates refuse to start what was not planned: then it is planned, and waits for what they ask.
      if (!isRefusal(error, ['approval_required', 'no_scheduled_deployment'])) throw error;
      return this.schedule(reporting, attempt + 1);
    }
  }

  private async schedule(reporting: Reporting, attempt: number): Promise<readonly Association[]> {
    const { item, place } = reporting;
    const isAll = item.state === 'pending' || item.state === 'unknown';
    // Until the report is done it is not noted as done: whoever tries again goes on with it.
    const { metadata, left } = noted({}, item, isAll ? { state: item.state, while: 'scheduled' } : undefined);
    const { deployment, outcome } = await this.standings.make(
      reporting.request,
      { identity: place, attempt },
      { type: 'ScheduleDeployment', data: { ...contentOf(item, metadata), supersede: true } },
    );
    if (isAll) return left;
    const { number, status } = deployment!;
    return this.update(reporting, { number, status, metadata: deployment!.metadata, version: outcome.version });
  }

  /** What was reported already, or before that, changes nothing. */
  private async update(reporting: Reporting, standing: Standing): Promise<readonly Association[]> {
    const { item } = reporting;
    const known = int64In(recordedIn(standing.metadata)?.updateSequenceNumber);
    if (known !== undefined && known >= item.updateSequenceNumber) return [];
    const move = moveFor(item.state, standing.status);
    if (!move) throw new Problem('not_allowed_from', replaced(standing.status));
    const { metadata, left } = noted(standing.metadata, item, { state: item.state, while: move.while });
    const { number } = standing;
    let expectedVersion = standing.version;
    if (move.first) {
      const moved = await this.send(reporting, { type: move.first, number, expectedVersion, data: whenceOf(item) });
      expectedVersion = moved.outcome.version;
    }
    const data = {
      ...contentOf(item, metadata),
      ...(move.type === 'StartDeployment' ? { supersede: true } : {}),
      ...(move.type === 'FailDeployment' ? { reason: item.description || item.state } : {}),
    };
    await this.send(reporting, { type: move.type, number, expectedVersion, data });
    return left;
  }

  private send({ request, place }: Reporting, wish: Omit<Wish, 'project' | 'target'>) {
    // A key of the client's is one for all that it reports at once.
    return this.commands.send(request, { ...place, commandId: newId(), ...wish });
  }
}

const replaced = (status: string): string =>
  `The deployment is ${status}: something else took its place. Report what runs now by another deploymentSequenceNumber.`;

/** One line of at most 200 characters; null where there is none. */
const nameOf = (text: string): string | null =>
  [...text.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').trim()].slice(0, 200).join('') || null;

/** When it happened, and who is said to have done it. */
const whenceOf = ({ lastUpdated, triggeredBy }: Submitted) => ({
  occurredAt: lastUpdated,
  ...(triggeredBy ? { claimedBy: { id: triggeredBy } } : {}),
});

function contentOf(item: Submitted, metadata: Metadata) {
  const commitRefs = refsOf(item.recorded);
  return {
    version: item.version,
    externalLink: { url: item.url },
    description: item.description || null,
    metadata,
    ...(commitRefs.length > 0 ? { commitRefs } : {}),
    ...whenceOf(item),
  };
}

/** Jira knows no branches: each commit stands for itself. */
const refsOf = ({ associations: { commit = [] } }: Pick<Recorded, 'associations'>): CommitRef[] =>
  commit
    .flatMap(({ repositoryId, commits }) =>
      commits.map((sha) => ({ repository: repositoryId, branch: sha, commit: sha })),
    )
    .slice(-MOST_REFS);

function noted(stands: Metadata, { recorded, updateSequenceNumber }: Submitted, report: Report | undefined): Noted {
  const done = report ? { updateSequenceNumber: String(updateSequenceNumber), report } : {};
  const having = (associations: Recorded['associations']): Metadata =>
    record(stands, { ...recorded, ...done, associations });
  const fits = (associations: Recorded['associations']): boolean =>
    Buffer.byteLength(JSON.stringify(having(associations))) <= MAX_METADATA_BYTES;
  const { kept, left } = fitting(recorded.associations, fits);
  return { metadata: having(kept), left };
}
