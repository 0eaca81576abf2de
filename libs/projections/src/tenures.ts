import type { Target, Time } from '#domain';
import type { Queryable } from '#event-store';

import type { LogEvent } from './log-events.js';
import type { Projection } from './projection.js';
import { evolveTarget } from './target-rows.js';
import { axes, pointOf, weave, type Point, type Standing, type Woven } from './tenures-fold.js';
import { loadStretches, loadTargets, saveBases, saveMoments, type Base, type Line } from './tenures-rows.js';

/** As a rule a late point changes the next moment or none. */
const BEHIND = 20;
const TIMES_MORE = 20;

/** A line with what a page says of it. */
type Told = Line & Readonly<{ added: Map<Time, Point[]> }>;

const apply = async (tx: Queryable, events: readonly LogEvent[]): Promise<void> => {
  if (events.length === 0) return;
  const targets = await loadTargets(tx, [...new Set(events.map(({ stream }) => stream))]);
  const told = evolveAll(targets, events);
  const woven = await weaveAll(tx, told, BEHIND);
  const bases = new Map<string, Base>();
  for (const [stream, target] of targets) bases.set(`${stream}#recorded`, { stream, axis: 'recorded', target });
  for (const { stream, axis, added, last } of woven) {
    const span = { begins: spanOf(added).from, ...(last && { ends: endOf(last) }) };
    bases.set(`${stream}#${axis}`, { ...bases.get(`${stream}#${axis}`), stream, axis, span });
  }
  await saveBases(tx, [...bases.values()]);
  await saveMoments(
    tx,
    woven.flatMap(({ stream, axis, written }) => written.map((moment) => ({ stream, axis, moment }))),
  );
};

/** Weaves what is told of each line into what stands there; what a late point changes may reach further than was looked. */
const weaveAll = async (tx: Queryable, told: readonly Told[], behind: number): Promise<Array<Told & Woven>> => {
  const pieces = told.map(({ stream, axis, added }) => ({ stream, axis, ...spanOf(added) }));
  const stretches = await loadStretches(tx, pieces, behind);
  const woven = told.map((line, index) => ({ ...line, ...weave(stretches[index]!, line.added) }));
  const isShort = woven.some(({ last }, index) => last !== undefined && stretches[index]!.isCut);
  return isShort ? weaveAll(tx, told, TIMES_MORE * behind) : woven;
};

const spanOf = (added: Told['added']): { from: Time; to: Time } => {
  const moments = [...added.keys()].sort();
  return { from: moments[0]!, to: moments.at(-1)! };
};

/** While something is current there is no end to it; nothing ever was where it did not begin. */
const endOf = ({ deployment, began }: Standing): string => (deployment ? 'infinity' : (began ?? '-infinity'));

/** Folds the events onto their targets, and answers what they say of each line, in the order of the log. */
const evolveAll = (targets: Map<string, Target>, events: readonly LogEvent[]): Told[] => {
  const told = new Map<string, Told>();
  for (const event of events) {
    const { stream } = event;
    const before = targets.get(stream);
    const after = evolveTarget(before, event);
    targets.set(stream, after);
    const point = pointOf(before, after, event);
    if (!point) continue;
    for (const axis of axes) {
      const line = told.get(`${stream}#${axis}`) ?? { stream, axis, added: new Map<Time, Point[]>() };
      const since = axis === 'recorded' ? event.recordedAt : event.occurredAt;
      line.added.set(since, [...(line.added.get(since) ?? []), point]);
      told.set(`${stream}#${axis}`, line);
    }
  }
  return [...told.values()];
};

/**
 * From when to when something was current on every target, in two orders: as events were recorded, and as they happened.
 * A point that comes late is put in its place, and what stands behind it is made anew as far as that changes it.
 */
export const tenures: Projection = { name: 'tenures', version: 1, apply };
