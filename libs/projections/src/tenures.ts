import type { Target, Time } from '#domain';
import type { Queryable } from '#event-store';

import type { LogEvent } from './log-events.js';
import type { Projection } from './projection.js';
import { evolveTarget } from './target-rows.js';
import { axes, pointOf, weave, type Point } from './tenures-fold.js';
import { loadStretches, loadTargets, saveBases, saveMoments, type Base, type Line } from './tenures-rows.js';

/** A line with what a page says of it. */
type Told = Line & Readonly<{ added: Map<Time, Point[]> }>;

const apply = async (tx: Queryable, events: readonly LogEvent[]): Promise<void> => {
  if (events.length === 0) return;
  const targets = await loadTargets(tx, [...new Set(events.map(({ stream }) => stream))]);
  const told = evolveAll(targets, events);
  const stretches = await loadStretches(
    tx,
    told.map(({ stream, axis, added }) => ({ stream, axis, from: first(added) })),
  );
  const bases = new Map<string, Base>();
  for (const [stream, target] of targets) bases.set(`${stream}#recorded`, { stream, axis: 'recorded', target });
  const moments = told.flatMap(({ stream, axis, added }, index) => {
    const { written, last } = weave(stretches[index]!, added);
    const span = { begins: first(added), ends: last.deployment ? 'infinity' : (last.began ?? '-infinity') };
    bases.set(`${stream}#${axis}`, {
      stream,
      axis,
      span,
      ...(axis === 'recorded' && { target: targets.get(stream)! }),
    });
    return written.map((moment) => ({ stream, axis, moment }));
  });
  await saveBases(tx, [...bases.values()]);
  await saveMoments(tx, moments);
};

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

const first = (added: Told['added']): Time => [...added.keys()].reduce((a, b) => (b < a ? b : a));

/**
 * From when to when something was current on every target, in two orders: as events were recorded, and as they happened.
 * A point that comes late is put in its place, and what stands behind it is made anew as far as that changes it.
 */
export const tenures: Projection = { name: 'tenures', version: 1, apply };
