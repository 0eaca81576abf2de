import { inTransaction, keepingOpen, moveCheckpoint, readCheckpoint, type Pool, type Queryable } from '#event-store';

import { checkpointOf } from './advance.js';
import type { Log } from './log-events.js';
import type { Build, Projection } from './projection.js';
import { readAhead } from './read-log.js';
import { Site } from './site.js';

export type BuildParts = Readonly<{ pool: Pool; log: Log; signal?: AbortSignal }>;

/**
 * Builds a view anew from the first event, beside the live one, which goes on until the new one takes its place in one
 * moment; answers the position it has then. All of it is one transaction: whatever ends it early leaves nothing behind.
 */
export const rebuild = (projection: Projection, parts: BuildParts): Promise<number> =>
  inTransaction(parts.pool, async (tx) => {
    const { name, version } = projection;
    const site = await Site.begin(tx, name);
    let position = await build(projection, site, parts);
    // What came while that was done: little, and then less.
    position = await applyRest(projection, tx, { ...parts, after: position });
    // Whoever writes the live one is through, and nobody begins: what comes now is the last.
    await tx.query('select from projections where name = $1 for update', [name]);
    position = await applyRest(projection, tx, { ...parts, after: position });
    const stood = await readCheckpoint(tx, checkpointOf(name));
    if (position < stood) throw new Error(`View ${name} stands at position ${stood}, the log ends at ${position}.`);
    await tx.query('select finish_build($1)', [name]);
    await moveCheckpoint(tx, checkpointOf(name), position);
    await tx.query('update projections set version = $2 where name = $1', [name, version]);
    return position;
  });

/** Makes the view of the log up to `upTo`, or to where it ends now, with all its indexes; answers how far it came. */
export const build = async (
  projection: Projection,
  site: Site,
  { log, signal, upTo }: BuildParts & Readonly<{ upTo?: number }>,
): Promise<number> => {
  const fold = projection.build?.(site) ?? (await pageByPage(projection, site));
  const position = await keepingOpen(site.tx, feed(fold, { log, signal, after: 0, upTo }));
  await fold.end();
  return position;
};

/** For a view whose rows are too much to be held: into a table that has its key from the beginning. */
const pageByPage = async (projection: Projection, site: Site): Promise<Build> => {
  await site.giveKey();
  const projector = projection.projector();
  return { add: (events) => projector.apply(site.tx, events), end: () => site.giveIndexes() };
};

/** Applies the log behind a position to a view that is built so far; answers how far it came. */
const applyRest = (
  projection: Projection,
  tx: Queryable,
  range: BuildParts & Readonly<{ after: number }>,
): Promise<number> => {
  const projector = projection.projector();
  return keepingOpen(tx, feed({ add: (events) => projector.apply(tx, events) }, range));
};

type Stretch = Readonly<{ log: Log; signal?: AbortSignal | undefined; after: number; upTo?: number | undefined }>;

const feed = async (into: Pick<Build, 'add'>, { log, signal, after, upTo }: Stretch): Promise<number> => {
  let position = after;
  for await (const events of readAhead(log, after, upTo)) {
    signal?.throwIfAborted();
    await into.add(events);
    position = events.at(-1)!.position!;
  }
  return position;
};
