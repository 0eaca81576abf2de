import type { Target, Time } from '#domain';
import type { Queryable } from '#event-store';

import type { LogEvent } from './log-events.js';
import type { Projection } from './projection.js';
import { evolveTarget } from './target-states.js';
import { axes, pointOf, type Point, type Standing } from './tenures-fold.js';
import { loadTargets, saveBases, type Base, type Line } from './tenures-rows.js';
import { lineKey, weaveAll } from './tenures-weave.js';

type Told = Line & Readonly<{ added: Map<Time, Point[]> }>;

const apply = async (tx: Queryable, events: readonly LogEvent[]): Promise<void> => {
  if (events.length === 0) return;
  const targets = await loadTargets(tx, [...new Set(events.map(({ stream }) => stream))]);
  const told = evolveAll(targets, events);
  const lasts = await weaveAll(tx, told);
  const bases = new Map<string, Base>();
  for (const [stream, target] of targets) {
    const line: Line = { stream, axis: 'recorded' };
    bases.set(lineKey(line), { ...line, target });
  }
  for (const { stream, axis, added } of told) {
    const key = lineKey({ stream, axis });
    const last = lasts.get(key);
    const span = { begins: [...added.keys()].sort()[0]!, ...(last && { ends: endOfSpan(last) }) };
    bases.set(key, { ...bases.get(key), stream, axis, span });
  }
  await saveBases(tx, [...bases.values()]);
};

/** While something is current there is no end to it; nothing ever was where it did not begin. */
const endOfSpan = ({ deployment, began }: Standing): string => (deployment ? 'infinity' : (began ?? '-infinity'));

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
      const key = lineKey({ stream, axis });
      const line = told.get(key) ?? { stream, axis, added: new Map<Time, Point[]>() };
      const since = axis === 'recorded' ? event.recordedAt : event.occurredAt;
      line.added.set(since, [...(line.added.get(since) ?? []), point]);
      told.set(key, line);
    }
  }
  return [...told.values()];
};

/**
 * From when to when something was current on every target, in two orders: as events were recorded, and as they happened.
 * A point that comes late is put in its place, and what stands behind it is made anew as far as that changes it.
 */
export const tenures: Projection = { name: 'tenures', version: 1, projector: () => ({ apply }) };
