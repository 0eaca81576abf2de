import { deploymentEventTypes, type Deployment } from '#domain';
import { column, intArray, textArray, writeRows, type Queryable, type Table } from '#event-store';

import { deploymentKey, placeOf, type DeploymentItem } from './deployments.js';
import type { LogEvent } from './log-events.js';
import { inSmall, LONGEST, marksIn } from './marks.js';
import { Conditions, toPage, type Page, type PageQuery, type Reach } from './page.js';
import { defineProjection, onEach } from './define-projection.js';
import type { Rows } from './projection.js';
import { targetIn } from './streams.js';
import { foldedDeployment } from './target-states.js';

/** Of one deployment: its id, its commits and what else it is found by, as they are searched for. */
type Row = Readonly<{ id: number; shas: readonly string[] }>;

/** Stands for nothing that it is found by. */
const NONE = '';

/** In small letters, and as much of it as an index has room for: what is found by it is confirmed by the whole. */
const shaOf = (commit: string): string => {
  const small = inSmall(commit);
  if (Buffer.byteLength(small) <= LONGEST) return small;
  const bytes = Buffer.from(small);
  let end = LONGEST;
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
};

const foundBy = ({ commitRefs, metadata }: Pick<Deployment, 'commitRefs' | 'metadata'>): readonly string[] => {
  const shas = new Set<string>();
  for (const { commit } of commitRefs) if (commit !== undefined) shas.add(shaOf(commit));
  for (const mark of marksIn(metadata)) shas.add(mark);
  return shas.size === 0 ? [NONE] : [...shas];
};

const evolveRow = (row: Row | undefined, { type, data, position }: LogEvent): Row => {
  const id = row?.id ?? position!;
  return { id, shas: !('number' in data) || type === 'DeploymentDeleted' ? [] : foundBy(data) };
};

const before = (event: LogEvent): Row | null | undefined => {
  if ('from' in event.data && event.data.from === null) return null;
  const known = foldedDeployment(event)?.before;
  return known ? { id: known.created.position!, shas: foundBy(known) } : undefined;
};

/** Most events of a deployment change nothing that it is found by, and say so. */
const rowOf = ({ type, stream, data }: LogEvent): string | undefined => {
  if (!('number' in data)) return undefined;
  const isNew = data.from === null || type === 'DeploymentDeleted';
  const isNews = isNew || data.previous?.commitRefs !== undefined || data.previous?.metadata !== undefined;
  return isNews ? deploymentKey(stream, data.number) : undefined;
};

type Place = Readonly<{ stream: string; number: number; sha: string; id: number }>;

const placesOf = (key: string, { id, shas }: Row): Place[] => {
  const [stream, number] = placeOf(key);
  return shas.map((sha) => ({ stream, number, sha, id }));
};

const table: Table<Place> = {
  name: 'commits',
  key: ['stream', 'number', 'sha'],
  columns: [
    column.text('stream', ({ stream }) => stream),
    column.integer('number', ({ number }) => number),
    column.text('sha', ({ sha }) => sha),
    column.bigint('id', ({ id }) => id),
    column.text('project', ({ stream }) => targetIn(stream).project),
  ],
};

/**
 * Which deployments have a commit, an issue or a property, by what their newest event says. What was deleted is not in it.
 * A commit may be called as a mark is: what is found is confirmed as what it was looked for as.
 */
export const commits = defineProjection<Row, Place>({
  name: 'commits',
  version: 3,
  rowOf,
  when: onEach(deploymentEventTypes, evolveRow),
  before,
  isSettled: () => true,
  load: async (tx, keys) => {
    const places = keys.map(placeOf);
    const { rows } = await tx.query(
      `select stream, number, id, array_agg(sha) as shas
         from unnest($1::text[], $2::integer[]) as place (stream, number) join commits using (stream, number)
        group by stream, number, id`,
      [textArray(places.map(([stream]) => stream)), intArray(places.map(([, number]) => number))],
    );
    return new Map(
      rows.map(({ stream, number, id, shas }) => [deploymentKey(stream, number), { id: Number(id), shas }]),
    );
  },
  save: async (tx, rows, stored) => {
    const lacking = (some: Rows<Row>, others: Rows<Row>): Place[] => {
      const places: Place[] = [];
      for (const [key, row] of some) {
        const known = others.get(key)?.shas ?? [];
        const shas = row?.shas.filter((sha) => !known.includes(sha)) ?? [];
        if (shas.length > 0) places.push(...placesOf(key, { ...row!, shas }));
      }
      return places;
    };
    await remove(tx, lacking(stored, rows));
    await writeRows(tx, table, lacking(rows, stored));
  },
  table,
  itemsOf: placesOf,
});

const keysOf = (places: readonly Place[]): Buffer[] => [
  textArray(places.map(({ stream }) => stream)),
  intArray(places.map(({ number }) => number)),
  textArray(places.map(({ sha }) => sha)),
];

const remove = async (tx: Queryable, places: readonly Place[]): Promise<void> => {
  if (places.length === 0) return;
  await tx.query(
    `delete from commits using unnest($1::text[], $2::integer[], $3::text[]) as gone (stream, number, sha)
     where commits.stream = gone.stream and commits.number = gone.number and commits.sha = gone.sha`,
    keysOf(places),
  );
};

/** `commit` is whole, or the beginning of a commit where it has at least so many characters. */
export const SHORTEST_PREFIX = 7;

export type CommitFilters = Readonly<{ projects: Reach; commit: string; project?: string }>;

/**
 * The deployments that have a commit, newest first. The letters of a hexadecimal one may be capital or small; of any other
 * commit they may not. What this view has found, the history confirms, so that each item is true by itself while one of the
 * two is ahead of the other.
 */
export const listDeploymentsOfCommit = (
  database: Queryable,
  { commit, ...where }: CommitFilters,
  page: PageQuery<number>,
): Promise<Page<DeploymentItem, number>> =>
  findNewest(database, { ...where, stretch: stretch(shaOf(commit)), confirmed: isOneOf(commit) }, page);

type Condition = readonly [text: string, ...values: unknown[]];

/** What is looked for: a stretch of the index, and what the history must say of what is found there. */
export type Found = Readonly<{ projects: Reach; project?: string; stretch: Condition; confirmed: Condition }>;

/** What a stretch of the index has, newest first, as far as the history confirms it. */
export const findNewest = async (
  database: Queryable,
  { projects, project, stretch: stretchOf, confirmed: says }: Found,
  { limit, after }: PageQuery<number>,
): Promise<Page<DeploymentItem, number>> => {
  const where = new Conditions()
    .and("sha <> ''")
    .and(...stretchOf)
    .within(projects);
  if (project !== undefined) where.and('project = ?', project);
  if (after !== undefined) where.and('id < ?', after);
  const confirmed = new Conditions(where.values).and('shown').and(...says);
  // With a limit of its own the history is asked for one deployment after the other, and no further than the page goes.
  const { rows } = await database.query(
    `select deployment.*
       from (select distinct id, stream, number from commits where ${where} order by id desc) as found, lateral (
         select project, key as target, body as deployment from deployments
          where stream = found.stream and number = found.number and ${confirmed} limit 1) as deployment
      order by found.id desc limit ${where.param(limit + 1)}`,
    where.values,
  );
  return toPage<DeploymentItem, number>(rows, limit, ({ deployment }) => deployment.created.position!);
};

const isPrefix = (commit: string): boolean => [...commit].length >= SHORTEST_PREFIX;

/** Of the index: what is this commit, or begins with it, in small letters. */
const stretch = (sha: string): Condition => {
  if (!isPrefix(sha)) return ['sha = ?', sha];
  const end = behind(sha);
  return end === undefined ? ['sha >= ?', sha] : ['sha >= ? and sha < ?', sha, end];
};

const LAST = 0x10ffff;

/** The first text behind all that begin with this one, in the order of code points; undefined where there is none. */
export const behind = (prefix: string): string | undefined => {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  const place = points.findLastIndex((point) => point < LAST);
  if (place === -1) return undefined;
  const next = points[place]! + 1;
  // Half a surrogate pair is no character.
  return String.fromCodePoint(...points.slice(0, place), next === 0xd800 ? 0xe000 : next);
};

const isOneOf = (commit: string): Condition => {
  const is = isPrefix(commit) ? (text: string) => `starts_with(${text}, ?)` : (text: string) => `${text} = ?`;
  return [
    `exists (select from unnest(commits) as own
              where case when own ~ '^[0-9A-Fa-f]+$' then ${is('lower(own)')} else ${is('own')} end)`,
    inSmall(commit),
    commit,
  ];
};
