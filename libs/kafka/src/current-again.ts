import type { Queryable } from '#event-store';

/** Longer than a send that nobody waits for any more can lie in a socket or in a broker's queue. */
const SETTLED_AFTER = '60 seconds';

/** Targets to publish once more, because a record of them that is older than the newest may still arrive behind it. */
export class CurrentAgain {
  constructor(private readonly database: Queryable) {}

  async add(streams: readonly string[]): Promise<void> {
    await this.database.query(
      `insert into current_again (stream, due_at)
       select stream, clock_timestamp() + interval '${SETTLED_AFTER}' from (select distinct unnest($1::text[]) as stream) as doubted
       on conflict (stream) do update set due_at = excluded.due_at`,
      [streams],
    );
  }

  /** Those that are due, and what to call when they are published; one that was added again meanwhile stays. */
  async due(limit: number): Promise<{ streams: string[]; done: () => Promise<void> }> {
    const { rows } = await this.database.query(
      'select stream, due_at::text as due from current_again where due_at <= clock_timestamp() order by due_at limit $1',
      [limit],
    );
    const streams = rows.map(({ stream }: { stream: string }) => stream);
    const done = async (): Promise<void> => {
      await this.database.query(
        'delete from current_again where (stream, due_at::text) in (select * from unnest($1::text[], $2::text[]))',
        [streams, rows.map(({ due }: { due: string }) => due)],
      );
    };
    return { streams, done };
  }
}
