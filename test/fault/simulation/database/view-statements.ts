import { changed, rows } from './answers.js';
import { textIn, type Row, type Statement } from './tables.js';
import { keyOf } from './upsert.js';
import { elementsOf } from './wire-values.js';

/** As pg reads a column of type json. */
const parsed = (text: unknown): unknown => (typeof text === 'string' ? JSON.parse(text) : text);

type Wait = Readonly<{ deadline: string; number: number }>;

/** Those of the views `current` and `deployments`, and of who runs them. */
export const viewStatements: Readonly<Record<string, Statement>> = {
  'insert into projections select * from unnest($1::text[], $2::integer[]) on conflict do nothing': (
    tx,
    [names, versions],
  ) => {
    (names as string[]).forEach((name, i) => {
      if (!tx.get('projections', name)) tx.set('projections', name, { name, version: (versions as number[])[i] });
    });
    return changed(0);
  },

  'select version, to_regclass($1)::oid as table from projections where name = $1 for update skip locked': (
    tx,
    [name],
  ) => {
    const row = tx.get('projections', String(name));
    return rows(row && tx.lock('projections', String(name)) ? [{ version: row['version'], table: 1 }] : []);
  },

  'select name, version from projections': (tx) => rows(tx.all('projections')),

  'select stream, state, deployment, clocks from current where stream = any ($1)': (tx, [streams]) =>
    rows(
      (streams as string[]).flatMap((stream) => {
        const row = tx.get('current', keyOf(stream));
        return row ? [{ ...row, deployment: parsed(row['deployment']) }] : [];
      }),
    ),

  'select stream, deployment from current where stream = any ($1) and runs': (tx, [streams]) =>
    rows(
      (streams as string[]).flatMap((stream) => {
        const row = tx.get('current', keyOf(stream));
        return row?.['runs'] === true ? [{ stream, deployment: parsed(row['deployment']) }] : [];
      }),
    ),

  [`with clock as materialized (select clock_timestamp() as now)
     select stream, project, key as target, wait,
            to_char(now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now
       from clock, current, json_array_elements(waits::json) as wait
      where due <= (select now from clock) and (wait ->> 'deadline')::timestamptz <= now
      order by wait ->> 'deadline' collate "C", stream, wait ->> 'number'
      limit $1`]: (tx, [limit]) => {
    const { now } = tx;
    const due = tx
      .all('current')
      .filter((row) => (textIn(row, 'due') ?? '~') <= now)
      .flatMap(({ stream, project, key, waits }): Row[] =>
        (parsed(waits) as Wait[]).map((wait) => ({ stream, project, target: key, wait, now })),
      )
      .filter(({ wait }) => (wait as Wait).deadline <= now);
    const place = ({ wait, stream }: Row): string => keyOf((wait as Wait).deadline, stream, (wait as Wait).number);
    return rows(due.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)).slice(0, Number(limit)));
  },

  'select stream, body from unnest($1::text[], $2::integer[]) as place (stream, number) join deployments using (stream, number)':
    (tx, [streams, numbers]) => {
      const places = elementsOf(numbers);
      return rows(
        elementsOf(streams).flatMap((stream, i) => {
          const row = tx.get('deployments', keyOf(stream, places[i]));
          return row ? [{ stream, body: parsed(row['body']) }] : [];
        }),
      );
    },

  [`delete from deployments using unnest($1::text[], $2::integer[]) as gone (stream, number)
     where deployments.stream = gone.stream and deployments.number = gone.number`]: (tx, [streams, numbers]) => {
    (streams as string[]).forEach((stream, i) =>
      tx.set('deployments', keyOf(stream, (numbers as number[])[i]), undefined),
    );
    return changed(1);
  },

  [`update deployments set shown = target.shown from unnest($1::text[], $2::boolean[]) as target (stream, shown)
     where deployments.stream = target.stream and deployments.shown <> target.shown`]: (tx, [streams, shown]) => {
    (streams as string[]).forEach((stream, i) => {
      for (const row of tx.all('deployments').filter((each) => each['stream'] === stream))
        tx.set('deployments', keyOf(stream, row['number']), { ...row, shown: (shown as boolean[])[i] });
    });
    return changed(1);
  },
};
