import { groupBy } from '#runtime';
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
    const shown = deploymentAfter(latest.get(line.number) ?? born(line), line);
    latest.set(line.number, shown);
    after.set(line.position, shown);
  }
  return after;
};

const born = ({ position: id, project, target, number, occurredAt, actor }: Line): Loose => ({
  ...{
    id,
    project,
    target,
    number,
    createdAt: occurredAt,
    actor,
    supersededBy: null,
    rollbackOf: null,
    violations: [],
  },
  ...{ startedAt: null, finishedAt: null, endedAt: null, failureReason: null },
});

const deploymentAfter = (before: Loose, { data, occurredAt }: Line): Loose => {
  const { status, version, commitRefs, externalLink, description, metadata, scheduledFor } = data;
  return {
    ...before,
    ...{ status, version, commitRefs, externalLink, description, metadata, scheduledFor },
    ...endAfter(data, occurredAt),
    startedAt: status === 'deploying' && !['deploying', 'hanging'].includes(data.from) ? occurredAt : before.startedAt,
    finishedAt: status === 'current' && data.from !== 'current' ? occurredAt : before.finishedAt,
    supersededBy: data.supersededBy ?? before.supersededBy,
    rollbackOf: data.rollbackOf ?? before.rollbackOf,
    violations: [...new Set([...before.violations, ...(data.violations ?? [])])],
  };
};

/** What has ended stays so until it recovers. */
const endAfter = ({ from, status, reason }: Loose, occurredAt: string): Loose => {
  if (!['completed', 'rolled_back', 'retired', 'failed', 'canceled'].includes(status))
    return { endedAt: null, failureReason: null };
  if (from === status) return {};
  return { endedAt: occurredAt, failureReason: status === 'failed' ? (reason ?? null) : null };
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
