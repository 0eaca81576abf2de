import type { Actor, Deployment, EnvironmentType, Target, Time } from '#domain';

import type { LogEvent } from './log-events.js';

/** By when events were recorded, or by when they happened as their senders say. */
export const axes = ['recorded', 'occurred'] as const;
export type Axis = (typeof axes)[number];

/** What an event says of what is current: a function of the log, and the same on both axes. */
export type Point = Readonly<{ version: number; actor: Actor }> &
  (
    | Readonly<{ kind: 'becomes' | 'changes'; deployment: Deployment }>
    | Readonly<{ kind: 'leaves'; number: number }>
    | Readonly<{ kind: 'empties' }>
    | Readonly<{ kind: 'retypes'; environmentType: EnvironmentType }>
  );

/** What stands on a target. The event of this version made it so; `began` is null while nothing was ever current. */
export type Standing = Readonly<{
  version: number;
  deployment: Deployment | null;
  /** Since when the deployment has been current, whatever was changed in it; or since when nothing has. */
  began: Time | null;
  environmentType: EnvironmentType;
  actor: Actor | null;
}>;

/** A moment of which events say something, with what stands from then on. */
export type Moment = Readonly<{ since: Time; points: readonly Point[]; standing: Standing }>;

export const atFirst: Standing = {
  version: 0,
  deployment: null,
  began: null,
  environmentType: 'unmapped',
  actor: null,
};

/** What the event says of what is current, given the target just before and just after it; undefined: nothing. */
export const pointOf = (before: Target | undefined, after: Target, event: LogEvent): Point | undefined => {
  const { type, data, version, actor } = event;
  if (type === 'TargetDeleted') return { version, actor, kind: 'empties' };
  if (!('from' in data)) {
    const { environmentType } = data;
    const same = type === 'TargetChanged' && before?.environmentType === environmentType;
    return same ? undefined : { version, actor, kind: 'retypes', environmentType };
  }
  if (data.status === 'current')
    return { version, actor, kind: data.from === 'current' ? 'changes' : 'becomes', deployment: after.current! };
  return data.from === 'current' ? { version, actor, kind: 'leaves', number: data.number } : undefined;
};

/** What a point makes of what stands. Only a deployment that is current can change or leave. */
const standingAfter = (standing: Standing, since: Time, point: Point): Standing => {
  const { version, actor } = point;
  const { deployment, began } = standing;
  switch (point.kind) {
    case 'retypes':
      return { ...standing, environmentType: point.environmentType };
    case 'becomes':
    case 'changes': {
      const stays = deployment?.number === point.deployment.number;
      if (point.kind === 'changes' && !stays) return standing;
      return { ...standing, version, actor, deployment: point.deployment, began: stays ? began : since };
    }
    case 'leaves':
    case 'empties':
      if (deployment === null || (point.kind === 'leaves' && deployment.number !== point.number)) return standing;
      return { ...standing, version, actor, deployment: null, began: since };
  }
};

/** Points of a target to be put in their places on one axis: by moment, those of one moment by version. */
export type Added = ReadonlyMap<Time, readonly Point[]>;

/** The moments of a target on one axis from some moment on, and what stood before it. */
export type Stretch = Readonly<{ before: Standing; known: readonly Moment[] }>;

/** Moments to be written, and what stands after the last of the stretch; without it, all behind them stays as it was. */
export type Woven = Readonly<{ written: readonly Moment[]; last?: Standing }>;

/**
 * Puts points in their places in a stretch that begins with the first of them and reaches behind the last. The first moment
 * behind them that comes out as it was ends it: so do all others.
 */
export const weave = ({ before, known }: Stretch, added: Added): Woven => {
  const moments = new Map(known.map((moment) => [moment.since, moment]));
  const order = [...new Set([...moments.keys(), ...added.keys()])].sort();
  const written: Moment[] = [];
  let standing = before;
  let left = added.size;
  for (const since of order) {
    const stood = moments.get(since);
    const more = added.get(since);
    const points = settled([...(stood?.points ?? []), ...(more ?? [])]);
    standing = points.reduce((each, point) => standingAfter(each, since, point), standing);
    if (more) left -= 1;
    else if (isSame(standing, stood!.standing)) {
      if (left === 0) return { written };
      continue;
    }
    written.push({ since, points, standing });
  }
  return { written, last: standing };
};

/** Where a line ends: its last moment, null before its first, and what stood before that. */
export type End = Readonly<{ before: Standing; last: Moment | null }>;

export const noEnd: End = { before: atFirst, last: null };

export const standingAtEnd = ({ before, last }: End): Standing => last?.standing ?? before;

/** Puts points behind all that stands on a line, or into its last moment; undefined where one of them belongs before that. */
export const extend = (
  { before, last }: End,
  added: Added,
): Readonly<{ written: readonly Moment[]; end: End }> | undefined => {
  const first = firstOf(added);
  if (last && first < last.since) return undefined;
  const stretch = last?.since === first ? { before, known: [last] } : { before: last?.standing ?? before, known: [] };
  const { written } = weave(stretch, added);
  return { written, end: { before: written.at(-2)?.standing ?? stretch.before, last: written.at(-1)! } };
};

/** The first moment of which points are given. */
export const firstOf = (added: Added): Time => [...added.keys()].reduce((a, b) => (a < b ? a : b));

/**
 * The points of a moment but for those that make no difference, whatever stood before it and whatever comes yet: a sender
 * whose clock stands still does not make its moment grow.
 */
const settled = (points: readonly Point[]): readonly Point[] => {
  const last = points.findLastIndex(({ kind }) => kind === 'becomes');
  const end = endBefore(points, last);
  const later = new Set<string>();
  return points.reduceRight<Point[]>((kept, point, index) => {
    const isOutdone = point.kind !== 'retypes' && index < last && index !== end;
    if (isOutdone || later.has(nameOf(point))) return kept;
    later.add(nameOf(point));
    return [point, ...kept];
  }, []);
};

/** The last point behind which, up to the one at `place`, something else stands than what that one makes current. */
const endBefore = (points: readonly Point[], place: number): number => {
  const own = numberOf(points[place]);
  return points.findLastIndex((point, index) => {
    if (index >= place) return false;
    if (point.kind === 'becomes') return numberOf(point) !== own;
    return point.kind === 'empties' || (point.kind === 'leaves' && point.number === own);
  });
};

const numberOf = (point: Point | undefined): number | undefined =>
  point?.kind === 'becomes' ? point.deployment.number : undefined;

/** Of several with one name only the last counts. */
const nameOf = (point: Point): string => {
  if (point.kind === 'retypes') return point.kind;
  return point.kind === 'changes' ? `${point.kind} ${point.deployment.number}` : `${point.version}`;
};

const isSame = (a: Standing, b: Standing): boolean =>
  a.version === b.version && a.began === b.began && a.environmentType === b.environmentType;

/** Whether something else stood just before the moment. */
export const isChange = ({ points, standing }: Moment): boolean =>
  points.some(({ version }) => version === standing.version);
