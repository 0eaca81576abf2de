import { withoutTimeLimit, type Queryable } from '#event-store';

import type { BuildingSite, ViewName } from './projection.js';

/** Somebody builds or verifies this view already. */
export class BuildUnderWay extends Error {
  override readonly name = 'BuildUnderWay';
  constructor(view: ViewName) {
    super(`View ${view} is being built or verified already.`);
  }
}

/**
 * Where a view is built beside the live one: for the rest of the transaction its name means a new, empty table. That has no
 * index until it is asked for: on rows that are there already it is made in a fraction of the time.
 */
export class Site implements BuildingSite {
  #hasKey = false;

  private constructor(
    readonly tx: Queryable,
    /** Statements that make them; the primary key comes first. */
    private readonly indexes: string[],
  ) {}

  static async begin(tx: Queryable, name: ViewName): Promise<Site> {
    const { rows } = await tx.query(`select pg_try_advisory_xact_lock(hashtext('build ' || $1)) as mine`, [name]);
    if (!rows[0].mine) throw new BuildUnderWay(name);
    await tx.query('select begin_build($1)', [name]);
    const put = await tx.query('select statement from put_off_indexes($1) as statement', [name]);
    return new Site(
      tx,
      put.rows.map(({ statement }) => statement),
    );
  }

  async giveKey(): Promise<void> {
    if (!this.#hasKey) await this.#makeNext();
  }

  async giveIndexes(): Promise<void> {
    while (this.indexes.length > 0) await this.#makeNext();
  }

  async #makeNext(): Promise<void> {
    this.#hasKey = true;
    await withoutTimeLimit(this.tx, this.indexes.shift()!);
  }
}
