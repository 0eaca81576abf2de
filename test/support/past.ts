import { groupBy } from './group-by.js';
import type { Loose } from './server.js';

/** A line of the exported log. */
export type Line = Loose;
export type By = 'recorded' | 'occurred';

/** What stood on a target from a moment on: the deployment as it is shown, or null, and the event that made it so. */
export type Stood = Readonly<{ since: string; type: string; shown: Loose; cause: Line }>;

/**
 * What was current, written from the words of the contract alone and without a line of the service: the log is folded event
 * by event, and every moment is kept.
 */
export class Past {
  readonly #targets: ReadonlyMap<string, Readonly<Record<By, readonly Stood[]>>>;

  constructor(log: readonly Line[]) {
    const streams = groupBy(
      log,
      ({ project, target }) => `${encodeURIComponent(project)}/${encodeURIComponent(target)}`,
    );
    this.#targets = new Map(
      [...streams].map(([place, lines]) => {
        const shown = deploymentsAfter(lines);
        const occurred = lines.toSorted((a, b) => compare(a.occurredAt, b.occurredAt) || a.version - b.version);
        return [
          place,
          { recorded: momentsOf(lines, 'recorded', shown), occurred: momentsOf(occurred, 'occurred', shown) },
        ];
      }),
    );
  }

  /** Of each target, by project and key, its moments. */
  targets(by: By): Array<Readonly<{ project: string; target: string; moments: readonly Stood[] }>> {
    return [...this.#targets]
      .map(([place, moments]) => {
        const [project, target] = place.split('/').map(decodeURIComponent) as [string, string];
        return { project, target, moments: moments[by] };
      })
      .sort((a, b) => compareBytes(a.project, b.project) || compareBytes(a.target, b.target));
  }

  /** All that was current, by project and key. */
  currentAt(by: By, at: string, isAsked: (stood: Stood, project: string) => boolean = () => true): Loose[] {
    return this.targets(by)
      .map(({ project, moments }) => ({ project, stood: standingAt(moments, at) }))
      .filter(({ project, stood }) => stood?.shown && isAsked(stood, project))
      .map(({ stood }) => stood!.shown);
  }

  /** What `GET /diff` says, without the seconds. */
  differences(by: By, from: string, to: string): Loose[] {
    return this.targets(by).flatMap(({ project, target, moments }) => {
      const [old, young] = [standingAt(moments, from), standingAt(moments, to)];
      if (JSON.stringify(old?.shown ?? null) === JSON.stringify(young?.shown ?? null)) return [];
      const changes = moments.filter(
        ({ since, cause }, index) => since > from && since <= to && cause !== moments[index - 1]?.cause,
      );
      const came = young!.shown !== null && young!.shown.number !== old?.shown?.number;
      return {
        ...{ project, target, before: tenureOf(moments, old), after: tenureOf(moments, young) },
        ...{ actor: came ? young!.shown.actor : young!.cause.actor, changes: changes.length },
      };
    });
  }
}

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);
const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export const standingAt = (moments: readonly Stood[], at: string): Stood | undefined =>
  moments.findLast(({ since }) => since <= at);

/** The deployment of each event, as it is shown right after it, by position. */
const deploymentsAfter = (lines: readonly Line[]): Map<number, Loose> => {
  const latest = new Map<number, Loose>();
  const after = new Map<number, Loose>();
  for (const line of lines.filter(({ number }) => number !== null)) {
    const shown = deploymentAfter(latest.get(line.number), line);
    latest.set(line.number, shown);
    after.set(line.position, shown);
  }
  return after;
};

const deploymentAfter = (before: Loose, { data, position, project, target, occurredAt, actor }: Line): Loose => {
  const { from, status } = data;
  const enters = (...statuses: string[]) => statuses.includes(status) && from !== status;
  const hasEnded = ['completed', 'rolled_back', 'retired', 'failed', 'canceled'].includes(status);
  return {
    ...{ id: before?.id ?? position, project, target, number: data.number, status, version: data.version },
    ...{ commitRefs: data.commitRefs, externalLink: data.externalLink, description: data.description },
    ...{ metadata: data.metadata, scheduledFor: data.scheduledFor, createdAt: before?.createdAt ?? occurredAt },
    startedAt: enters('deploying') && from !== 'hanging' ? occurredAt : (before?.startedAt ?? null),
    finishedAt: enters('current') ? occurredAt : (before?.finishedAt ?? null),
    endedAt: hasEnded ? (from === status ? before.endedAt : occurredAt) : null,
    supersededBy: data.supersededBy ?? before?.supersededBy ?? null,
    rollbackOf: data.rollbackOf ?? before?.rollbackOf ?? null,
    violations: [...new Set([...(before?.violations ?? []), ...(data.violations ?? [])])],
    failureReason: status === 'failed' ? (data.reason ?? before?.failureReason ?? null) : null,
    actor: before?.actor ?? actor,
  };
};

/** In the order given: of events of one moment the last one says what stands. */
const momentsOf = (lines: readonly Line[], by: By, shown: ReadonlyMap<number, Loose>): Stood[] => {
  const moments: Stood[] = [];
  let stood: Pick<Stood, 'type' | 'shown' | 'cause'> = { type: 'unmapped', shown: null, cause: undefined };
  for (const line of lines) {
    stood = after(stood, line, shown.get(line.position));
    const since = by === 'recorded' ? line.recordedAt : line.occurredAt;
    if (moments.at(-1)?.since === since) moments.pop();
    moments.push({ since, ...stood });
  }
  return moments;
};

const after = (stood: Omit<Stood, 'since'>, line: Line, deployment: Loose): Omit<Stood, 'since'> => {
  const { type, data } = line;
  const isCurrent = stood.shown !== null && stood.shown.number === line.number;
  if (type === 'TargetCreated' || type === 'TargetChanged') return { ...stood, type: data.environmentType };
  if (type === 'TargetDeleted') return stood.shown === null ? stood : { ...stood, shown: null, cause: line };
  if (data.status === 'current' && (data.from !== 'current' || isCurrent))
    return { ...stood, shown: deployment, cause: line };
  return data.from === 'current' && data.status !== 'current' && isCurrent
    ? { ...stood, shown: null, cause: line }
    : stood;
};

/** How long something was current, in each direction as far as it goes. */
const tenureOf = (moments: readonly Stood[], stood: Stood | undefined): Loose => {
  if (!stood?.shown) return null;
  const { id, number, version, commitRefs, actor } = stood.shown;
  let first = moments.indexOf(stood);
  while (moments[first - 1]?.shown?.number === number) first -= 1;
  const next = moments.slice(moments.indexOf(stood)).find(({ shown }) => shown?.number !== number);
  return { id, number, version, commitRefs, actor, since: moments[first]!.since, until: next?.since ?? null };
};
