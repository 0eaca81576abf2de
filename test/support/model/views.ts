import { inFlight, lineOf, textOf, pairOf, type Dep } from '#domain/testing';
import { timeOf, type Game } from './game.js';
import type { Loose, Service } from './service.js';

type Shown = Readonly<Record<string, unknown>>;

/** Holds every view of what was played in this project to what was foreseen. */
export async function compareViews(games: readonly Game[], service: Service, position: number): Promise<void> {
  const { project } = games[0]!;
  const [targets, deployments, current] = await Promise.all([
    service.all(`/projects/${project}/targets`, position).catch(() => []),
    service.all(`/deployments?project=${project}`, position),
    service.all(`/current?project=${project}`, position),
  ]);
  for (const game of games) {
    const { exists, version, about, deployments: known } = game.foreseen.stands;
    const own = (item: Loose) => (item.target ?? item.key) === game.target;
    const [target] = targets.filter(own).map(targetOf);
    game.differs('The target', target, exists ? { version, ...about, ...placesOf(known) } : undefined);
    const newest = known.toSorted((a, b) => b.n - a.n).map(foreseenOf);
    game.differs('The history', deployments.filter(own).map(shownOf), newest);
    const running = newest.filter(({ status }) => status === 'current');
    game.differs('What is current', current.filter(own).map(shownOf), running);
  }
}

/** Holds the timeline of one deployment, and the target itself or that it is gone, to what was foreseen. */
export async function compareOne(game: Game, service: Service, log: readonly Loose[]): Promise<void> {
  const path = `/projects/${game.project}/targets/${game.target}`;
  const { exists, version, deployments } = game.foreseen.stands;
  const { status, body } = await service.call('GET', path);
  game.differs(
    'The target by itself',
    [status, body.code ?? body.version],
    exists ? [200, version] : [404, 'target_not_found'],
  );
  const last = deployments.at(-1);
  if (!last) return;
  const timeline = await service.all(`${path}/deployments/${last.n}/timeline`, 0);
  game.differs(
    `The timeline of ${last.n}`,
    timeline,
    log.filter(({ number, target }) => number === last.n && target === game.target),
  );
}

/** An event of the log in the oracle's words. */
export const lineOfEvent = ({ type, data }: Loose): string => lineOf(type, data);

const targetOf = ({ version, name, labels, settings, current, inFlight: moving, next }: Loose): Shown => ({
  ...{ version, name, labels, settings },
  ...{ current: current?.number ?? null, inFlight: moving?.number ?? null, next: next?.number ?? null },
});

const placesOf = (deps: readonly Dep[]): Shown => {
  const newest = deps.toSorted((a, b) => b.n - a.n);
  const scheduled = deps.filter(({ status }) => status === 'scheduled');
  const [next] = scheduled.toSorted((a, b) => (a.time ?? 'z').localeCompare(b.time ?? 'z') || a.n - b.n);
  return {
    current: newest.find(({ status }) => status === 'current')?.n ?? null,
    inFlight: (newest.find(({ status }) => status === 'deploying') ?? newest.find(inFlight))?.n ?? null,
    next: next?.n ?? null,
  };
};

const foreseenOf = (dep: Dep): Shown => ({
  number: dep.n,
  status: dep.status,
  version: dep.version,
  refs: textOf(dep.refs),
  description: dep.note,
  scheduledFor: dep.time,
  externalLink: dep.link,
  metadata: dep.meta,
  createdAt: dep.createdAt,
  startedAt: dep.startedAt,
  finishedAt: dep.finishedAt,
  endedAt: dep.endedAt,
  supersededBy: dep.supersededBy,
  rollbackOf: dep.rollbackOf,
  violations: dep.violations,
  failureReason: dep.failureReason,
  actor: dep.actor,
});

const shownOf = (shown: Loose): Shown => ({
  number: shown.number,
  status: shown.status,
  version: shown.version,
  refs: textOf(Object.fromEntries(shown.commitRefs.map((each: Loose) => [pairOf(each), each.commit ?? '']))),
  description: shown.description,
  scheduledFor: shown.scheduledFor,
  externalLink: JSON.stringify(shown.externalLink),
  metadata: JSON.stringify(shown.metadata),
  createdAt: timeOf(shown.createdAt),
  startedAt: timeOf(shown.startedAt),
  finishedAt: timeOf(shown.finishedAt),
  endedAt: timeOf(shown.endedAt),
  supersededBy: shown.supersededBy,
  rollbackOf: shown.rollbackOf,
  violations: shown.violations,
  failureReason: shown.failureReason,
  actor: shown.actor.id,
});
