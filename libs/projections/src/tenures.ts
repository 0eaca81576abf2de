import type { Target, Time } from '#domain';
import type { Queryable } from '#event-store';

import type { LogEvent } from './log-events.js';
import type { Projection, Projector } from './projection.js';
import { bytesOfRow, recentRows } from './recent-rows.js';
import { evolveTarget, isFirst, toState, toTarget } from './target-states.js';
import {
  axes,
  extend,
  firstOf,
  noEnd,
  pointOf,
  standingAtEnd,
  type Axis,
  type End,
  type Point,
  type Standing,
} from './tenures-fold.js';
import {
  loadEnds,
  loadStates,
  saveBases,
  saveMoments,
  saveStates,
  type Base,
  type Line,
  type LineMoment,
} from './tenures-rows.js';
import { lineKey, weaveAll } from './tenures-weave.js';

/** What the remembered lines may come to: an estimate, in bytes. What is not remembered is read for every event of its target. */
const MOST_BYTES = 24 * 2 ** 20;

type Told = Line & Readonly<{ added: Map<Time, Point[]> }>;

/** A target, and where its lines end as far as that is known. */
type Known = { target: Target | undefined; readonly ends: Partial<Record<Axis, End>> };

class TenuresProjector implements Projector {
  readonly #recent;

  constructor(mostBytes = MOST_BYTES) {
    this.#recent = recentRows<Known>(mostBytes);
  }

  async apply(tx: Queryable, events: readonly LogEvent[]): Promise<void> {
    if (events.length === 0) return;
    const known = await this.#find(tx, events);
    const told = evolveAll(known, events);
    await learnEnds(
      tx,
      told.filter(({ stream, axis }) => !known.get(stream)!.ends[axis]),
      known,
    );
    const spans = await write(tx, told, known);
    await writeFirstRows(tx, known, spans);
    for (const event of events) this.#recent.set(event.stream, known.get(event.stream)!, { size: bytesOfRow(event) });
  }

  /** What is known of the streams of these events: each target, and where its line `recorded` ends. */
  async #find(tx: Queryable, events: readonly LogEvent[]): Promise<Map<string, Known>> {
    const known = new Map<string, Known>();
    const missing: LogEvent[] = [];
    for (const event of events) {
      const { stream } = event;
      if (known.has(stream)) continue;
      const first: Known = { target: undefined, ends: { recorded: noEnd, occurred: noEnd } };
      const each = isFirst(event) ? first : this.#recent.get(stream);
      known.set(stream, each ?? { target: undefined, ends: {} });
      if (!each) missing.push(event);
    }
    if (missing.length === 0) return known;
    await learnEnds(
      tx,
      missing.map(({ stream }) => ({ stream, axis: 'recorded' })),
      known,
    );
    const unfolded = missing.filter(({ fold }) => !fold).map(({ stream }) => stream);
    for (const [stream, state] of await loadStates(tx, unfolded)) {
      const each = known.get(stream)!;
      // What stands last by when events were recorded is what is current: no event goes back behind the one before it.
      each.target = toTarget(state, standingAtEnd(each.ends.recorded!).deployment);
    }
    return known;
  }
}

const learnEnds = async (tx: Queryable, lines: readonly Line[], known: ReadonlyMap<string, Known>): Promise<void> => {
  if (lines.length === 0) return;
  const ends = await loadEnds(tx, lines);
  for (const [index, { stream, axis }] of lines.entries()) known.get(stream)!.ends[axis] = ends[index]!;
};

/** Folds the events onto their targets, and answers what they say of each line, in the order of the log. */
const evolveAll = (known: ReadonlyMap<string, Known>, events: readonly LogEvent[]): Told[] => {
  const told = new Map<string, Told>();
  for (const event of events) {
    const { stream } = event;
    const each = known.get(stream)!;
    const before = event.fold ? event.fold.before : each.target;
    each.target = evolveTarget(before, event);
    const point = pointOf(before, each.target, event);
    if (!point) continue;
    for (const axis of axes) {
      const key = lineKey({ stream, axis });
      const line = told.get(key) ?? { stream, axis, added: new Map<Time, Point[]>() };
      const since = axis === 'recorded' ? event.recordedAt : event.occurredAt;
      const points = line.added.get(since);
      if (points) points.push(point);
      else line.added.set(since, [point]);
      told.set(key, line);
    }
  }
  return [...told.values()];
};

/**
 * Writes what is told, and answers the spans that this changes. Mostly all of it comes behind what a line has, and nothing
 * needs to be read for it.
 */
const write = async (tx: Queryable, told: readonly Told[], known: ReadonlyMap<string, Known>): Promise<Base[]> => {
  const spans: Base[] = [];
  const moments: LineMoment[] = [];
  const late: Told[] = [];
  for (const line of told) {
    const { stream, axis, added } = line;
    const { ends } = known.get(stream)!;
    const before = ends[axis]!;
    const extended = extend(before, added);
    if (!extended) {
      late.push(line);
      delete ends[axis];
      continue;
    }
    for (const moment of extended.written) moments.push({ stream, axis, moment });
    ends[axis] = extended.end;
    const end = endOfSpan(standingAtEnd(extended.end));
    if (!before.last || endOfSpan(standingAtEnd(before)) !== end)
      spans.push({ stream, axis, span: { begins: firstOf(added), ends: end } });
  }
  await saveMoments(tx, moments);
  return late.length === 0 ? spans : [...spans, ...(await weaveLate(tx, late))];
};

const weaveLate = async (tx: Queryable, late: readonly Told[]): Promise<Base[]> => {
  const lasts = await weaveAll(tx, late);
  return late.map(({ stream, axis, added }) => {
    const last = lasts.get(lineKey({ stream, axis }));
    return { stream, axis, span: { begins: firstOf(added), ...(last && { ends: endOfSpan(last) }) } };
  });
};

/** While something is current there is no end to it; nothing ever was where it did not begin. */
const endOfSpan = ({ deployment, began }: Standing): string => (deployment ? 'infinity' : (began ?? '-infinity'));

const writeFirstRows = async (
  tx: Queryable,
  known: ReadonlyMap<string, Known>,
  spans: readonly Base[],
): Promise<void> => {
  const states = new Map([...known].map(([stream, { target }]) => [stream, toState(target!)]));
  const bases = spans.map((base) => (base.axis === 'recorded' ? { ...base, state: states.get(base.stream)! } : base));
  await saveBases(tx, bases);
  for (const { stream, axis } of spans) if (axis === 'recorded') states.delete(stream);
  await saveStates(tx, states);
};

/**
 * From when to when something was current on every target, in two orders: as events were recorded, and as they happened.
 * A point that comes late is put in its place, and what stands behind it is made anew as far as that changes it.
 */
export const tenures: Projection = {
  name: 'tenures',
  version: 2,
  projector: (mostBytes) => new TenuresProjector(mostBytes),
};
