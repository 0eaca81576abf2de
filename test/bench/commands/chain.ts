import pg from 'pg';

/** Throws where a version of a stream or a position of the log is missing or stands twice. */
export async function checkChain(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ broken: string; events: string; last: string }>(
    `select (select count(*) from (select version - row_number() over (partition by stream order by version) as off from events)
              as chain where off <> 0) as broken,
            count(*) as events, max(position) as last from events`,
  );
  await client.end();
  const { broken, events, last } = rows[0]!;
  if (broken !== '0' || events !== last)
    throw new Error(`The log is broken: ${broken} versions out of line, ${events} events up to position ${last}.`);
}
