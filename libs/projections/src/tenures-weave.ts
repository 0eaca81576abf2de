import type { Time } from '#domain';
import type { Queryable } from '#event-store';

import { weave, type Added, type Moment, type Standing } from './tenures-fold.js';
import { loadStretches, saveMoments, type Line, type LineMoment, type Loaded, type Piece } from './tenures-rows.js';

/** As a rule a late point changes the next moment or none. */
const BEHIND = 20;
const LEAST_BEHIND = 2;
/** Rows behind all points of a page that are read at once, about. */
const ALL_BEHIND = 20_000;
/** Rows that stand between the points of a piece, for each of them; where more do, it is taken apart. */
const BETWEEN = 4;
/** Rows that one statement reads or writes of those that a late point changes far behind it. */
const AT_ONCE = 1_000;

/** A line with what a page says of it. */
export type Told = Line & Readonly<{ added: Added }>;

/** Points of a line that stand near each other, and the first one behind them. */
type Cluster = Told & Readonly<{ until: Time | null }>;
type Part = Cluster & Readonly<{ stretch: Loaded }>;

export const lineKey = ({ stream, axis }: Line): string => `${stream}#${axis}`;

/**
 * Puts what is told in its places and writes what that changes; answers what stands last on each line, by `lineKey`, where it
 * changed that. Only what stands around the points is read: one of long ago beside one of now does not bring all in between.
 */
export const weaveAll = async (tx: Queryable, told: readonly Told[]): Promise<Map<string, Standing>> => {
  const lines = new Map<string, Part[]>(told.map((line) => [lineKey(line), []]));
  for (const part of await loadParts(
    tx,
    told.map((line) => ({ ...line, until: null })),
  ))
    lines.get(lineKey(part))!.push(part);
  const lasts = new Map<string, Standing>();
  const writer = new Writer(tx);
  for (const [key, parts] of lines) {
    const last = await weaveLine(tx, parts.sort(byTime), writer);
    if (last) lasts.set(key, last);
  }
  await writer.flush();
  return lasts;
};

const momentsOf = ({ added }: Told): Time[] => [...added.keys()].sort();
const byTime = (a: Part, b: Part): number => (momentsOf(a)[0]! < momentsOf(b)[0]! ? -1 : 1);

/** The clusters with what stands around them, halved until not much stands within any. */
const loadParts = async (tx: Queryable, clusters: readonly Cluster[]): Promise<Part[]> => {
  const behind = Math.min(BEHIND, Math.max(LEAST_BEHIND, Math.trunc(ALL_BEHIND / clusters.length)));
  const stretches = await loadStretches(tx, clusters.map(pieceOf), behind);
  const full = clusters.filter((_, index) => stretches[index]!.isFull);
  const parts = clusters.flatMap((cluster, index) =>
    stretches[index]!.isFull ? [] : [{ ...cluster, stretch: stretches[index]! }],
  );
  return full.length === 0 ? parts : parts.concat(await loadParts(tx, full.flatMap(halve)));
};

const pieceOf = (cluster: Cluster): Piece => {
  const moments = momentsOf(cluster);
  const { stream, axis, until } = cluster;
  return { stream, axis, from: moments[0]!, to: moments.at(-1)!, until, room: BETWEEN * moments.length };
};

const halve = (cluster: Cluster): Cluster[] => {
  const moments = momentsOf(cluster);
  const middle = Math.ceil(moments.length / 2);
  const of = (some: readonly Time[], until: Time | null): Cluster => {
    return { ...cluster, until, added: new Map(some.map((moment) => [moment, cluster.added.get(moment)!])) };
  };
  return [of(moments.slice(0, middle), moments[middle]!), of(moments.slice(middle), cluster.until)];
};

/** Answers what stands last on the line, if that changed. What a part changes to its end goes on into the next one. */
const weaveLine = async (tx: Queryable, parts: readonly Part[], writer: Writer): Promise<Standing | undefined> => {
  let running: Standing | undefined;
  for (const part of parts) {
    const { stretch, added } = part;
    const { written, last } = weave({ before: running ?? stretch.before, known: stretch.known }, added);
    await writer.write(part, written);
    running = last && stretch.isCut ? await weaveOn(tx, part, last, writer) : last;
  }
  return running;
};

/** Goes on behind what was read of a part, a stretch at a time, as far as it changes that. */
const weaveOn = async (
  tx: Queryable,
  { stream, axis, until, stretch }: Part,
  before: Standing,
  writer: Writer,
): Promise<Standing | undefined> => {
  let standing: Standing | undefined = before;
  let from = stretch.known.at(-1)!.since;
  for (let isCut = true; standing && isCut;) {
    const [next] = await loadStretches(tx, [{ stream, axis, from, to: from, until, room: BETWEEN }], AT_ONCE);
    const known = next!.known.filter(({ since }) => since > from);
    const { written, last } = weave({ before: standing, known }, new Map());
    await writer.write({ stream, axis }, written);
    [standing, isCut, from] = [last, next!.isCut, known.at(-1)?.since ?? from];
  }
  return standing;
};

/** Writes moments many at a time, and never holds all that a page changes. */
class Writer {
  #waiting: LineMoment[] = [];

  constructor(private readonly tx: Queryable) {}

  async write({ stream, axis }: Line, moments: readonly Moment[]): Promise<void> {
    for (const moment of moments) this.#waiting.push({ stream, axis, moment });
    if (this.#waiting.length >= AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    await saveMoments(this.tx, this.#waiting);
    this.#waiting = [];
  }
}
