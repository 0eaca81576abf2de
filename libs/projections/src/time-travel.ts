import type { Time } from '#domain';
import type { Queryable } from '#event-store';

import type { CurrentFilters, CurrentItem, CurrentPlace } from './current.js';
import { Conditions, toPage, type Page, type PageQuery } from './page.js';
import type { Axis } from './tenures-fold.js';

/** A moment, now where it is left out, by when events were recorded or by when they happened. */
export type At = Readonly<{ by: Axis; at?: Time | undefined }>;

/** What stood on the line `line` at a moment: one look into the primary key. */
export const standingAt = (line: string, moment: string): string =>
  `lateral (select since, number, began, environment_type as type, actor, body from tenures
             where stream = ${line}.stream and axis = ${line}.axis and since <= ${moment}
             order by since desc limit 1)`;

/** What was current on each target at a moment, by project and target; of targets deleted since, too. */
export const listCurrentAt = async (
  database: Queryable,
  { by, at }: At,
  { projects, project, environmentType }: CurrentFilters,
  { limit, after }: PageQuery<CurrentPlace>,
): Promise<Page<CurrentItem, CurrentPlace>> => {
  const where = new Conditions();
  const moment = `coalesce(${where.param(at ?? null)}::timestamptz, now())`;
  where.and('axis = ?', by).and(`line.since = '-infinity' and begins <= ${moment} and ends > ${moment}`);
  where.and('standing.number is not null').within(projects);
  if (project !== undefined) where.and('project = ?', project);
  if (environmentType !== undefined) where.and('type = ?', environmentType);
  if (after !== undefined) where.and('(project, key) > (?, ?)', ...after);
  const { rows } = await database.query(
    `select project, key as target, standing.body::text as deployment from tenures as line, ${standingAt('line', moment)} as standing
      where ${where} order by project, key limit ${where.param(limit + 1)}`,
    where.values,
  );
  return toPage<CurrentItem, CurrentPlace>(rows, limit, (item) => [item.project, item.target]);
};

/** A moment on a stream as the key of a lookup: neither has a space. */
export const momentKey = (stream: string, { by, at }: At): string => `${stream} ${by} ${at ?? 'now'}`;

/**
 * What was current at these keys (`momentKey`) as the text that is stored, null where nothing was. Targets that do not exist now are left out: that they
 * are there, and what stood on them, is one statement for two views.
 */
export const currentAt = async (database: Queryable, keys: readonly string[]): Promise<Map<string, string | null>> => {
  const places = keys.map((key) => key.split(' '));
  const { rows } = await database.query(
    `select line.id, nullif(body::text, 'null') as body from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as line (id, stream, axis, at)
       join current using (stream)
       left join ${standingAt('line', 'coalesce(at::timestamptz, now())')} as standing on true
      where alive`,
    [
      keys,
      places.map(([stream]) => stream),
      places.map(([, by]) => by),
      places.map(([, , at]) => (at === 'now' ? null : at)),
    ],
  );
  return new Map(rows.map(({ id, body }) => [id, body]));
};
