import { inTransaction, readCheckpoint } from '#event-store';

import { checkpointOf } from './advance.js';
import type { Projection } from './projection.js';
import { build, type BuildParts } from './rebuild.js';
import { Site } from './site.js';

const ROWS_PER_SLICE = 50_000;
const SHOWN = 20;

/** A row as the view has it and as the log has it; null where it should not be, or is missing. */
export type RowDifference = Readonly<{ live: object | null; expected: object | null }>;

/** `differences` has the first ones of `differing`. */
export type Verification = Readonly<{
  position: number;
  rows: number;
  differing: number;
  differences: readonly RowDifference[];
}>;

/** Compares a view, row by row, with one built from the log up to the view's checkpoint, both seen at one moment. Changes nothing. */
export const verify = (projection: Projection, parts: BuildParts): Promise<Verification> =>
  inTransaction(parts.pool, async (tx) => {
    const { name } = projection;
    await tx.query('set transaction isolation level repeatable read');
    // Before the snapshot is taken: else a rebuild could put a table in place whose rows the snapshot does not see.
    await tx.query(`lock table ${name} in access share mode`);
    const position = await readCheckpoint(tx, checkpointOf(name));
    const rows: number = (await tx.query(`select count(*)::integer as rows from ${name}`)).rows[0].rows;
    await build(projection, await Site.begin(tx, name), { ...parts, upTo: position });
    let differing = 0;
    const differences: RowDifference[] = [];
    const slices = 2 ** Math.ceil(Math.log2(Math.max(1, rows / ROWS_PER_SLICE)));
    for (let slice = 0; slice < slices; slice += 1) {
      parts.signal?.throwIfAborted();
      const found = await tx.query('select live, built as expected from build_differences($1, $2, $3)', [
        name,
        slices - 1,
        slice,
      ]);
      differing += found.rows.length;
      differences.push(...found.rows.slice(0, SHOWN - differences.length));
    }
    await tx.query('select abandon_build()');
    return { position, rows, differing, differences };
  });
