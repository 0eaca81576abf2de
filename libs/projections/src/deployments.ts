import {
  deploymentEventTypes,
  evolveDeployment,
  isEnded,
  plainBranch,
  toTime,
  type Deployment,
  type Status,
  type Target,
  type Time,
} from '#domain';
import { column, intArray, textArray, writeRows, type Queryable, type Table } from '#event-store';

import type { LogEvent } from './log-events.js';
import { defineProjection, onEach } from './define-projection.js';
import { targetIn } from './streams.js';
import { foldedDeployment, rereadDeployment, rereadTarget, toBody } from './target-states.js';

/** Of a stream: whether its deployments show, which they do while the target is there. */
type Shown = Readonly<{ shown: boolean }>;
type Row = Deployment | Shown;

const isDeployment = (row: Row | undefined): row is Deployment => row !== undefined && 'number' in row;

/** A deployment as the key of a row: no stream has a `#`, for keys are percent-encoded in it. */
export const deploymentKey = (stream: string, number: number): string => `${stream}#${number}`;

const isOfDeployment = (key: string): boolean => key.includes('#');

/** The stream and the number that such a key is made of. */
export const placeOf = (key: string): [stream: string, number: number] => {
  const [stream = '', number] = key.split('#');
  return [stream, Number(number)];
};

const evolveRow = (row: Row | undefined, event: LogEvent): Row | undefined => {
  const folded = foldedDeployment(event);
  return (folded ? folded.after : evolveDeployment(isDeployment(row) ? row : null, event)) ?? undefined;
};

const before = (event: LogEvent): Row | null | undefined => {
  const { data } = event;
  return !('number' in data) || data.from === null ? null : foldedDeployment(event)?.before;
};

type Item = Readonly<{ stream: string; project: string; key: string; deployment: Deployment }>;
const toItem = (key: string, deployment: Deployment): Item => {
  const [stream] = placeOf(key);
  const target = targetIn(stream);
  return { stream, project: target.project, key: target.key, deployment };
};

const distinct = (texts: readonly string[]): readonly string[] => (texts.length < 2 ? texts : [...new Set(texts)]);

/** Of the others there are so many that a look through all deployments finds them as soon as an index would. */
export const isRare = (status: Status): boolean => status !== 'current' && status !== 'completed';

/** What has ended stands in no other view. */
const bodyOf = (deployment: Deployment): string =>
  isEnded(deployment.status) ? JSON.stringify(deployment) : toBody(deployment);

const table: Table<Item> = {
  name: 'deployments',
  key: ['stream', 'number'],
  columns: [
    column.text('stream', ({ stream }) => stream),
    column.integer('number', ({ deployment }) => deployment.number),
    column.bigint('id', ({ deployment }) => deployment.created.position),
    column.text('project', ({ project }) => project),
    column.text('key', ({ key }) => key),
    column.text('status', ({ deployment }) => deployment.status),
    column.text('version', ({ deployment }) => deployment.version),
    column.text('actor', ({ deployment }) => deployment.actor.id),
    column.time('created_at', ({ deployment }) => deployment.createdAt),
    column.texts('repositories', ({ deployment }) => distinct(deployment.commitRefs.map((ref) => ref.repository))),
    column.texts('branches', ({ deployment }) =>
      distinct(deployment.commitRefs.map(({ branch }) => plainBranch(branch))),
    ),
    column.texts('commits', ({ deployment }) => distinct(deployment.commitRefs.flatMap(({ commit }) => commit ?? []))),
    column.json('body', ({ deployment }) => bodyOf(deployment)),
    column.time('finished_at', ({ deployment }) => deployment.finishedAt),
    column.time('failed_at', ({ deployment }) => failedAt(deployment)),
    column.time('committed_at', ({ deployment }) => committedAt(deployment)),
    column.boolean('rolls_back', ({ deployment }) => deployment.rollbackOf !== null),
    column.text('rare_status', ({ deployment: { status } }) => (isRare(status) ? status : null)),
  ],
};

/** Every deployment of every target: the history. What was deleted is not in it; what belongs to a deleted target does not show. */
export const deployments = defineProjection<Row, Item>({
  name: 'deployments',
  version: 4,
  rowOf: ({ stream, data }) => ('number' in data ? deploymentKey(stream, data.number) : stream),
  when: {
    ...onEach(deploymentEventTypes, evolveRow),
    // A new target has nothing yet that could show.
    TargetCreated: (_, { version }) => (version === 1 ? undefined : { shown: true }),
    TargetDeleted: () => ({ shown: false }),
  },
  before,
  isSettled: (row) => !isDeployment(row) || isEnded(row.status),
  load: async (tx, keys) => {
    const places = keys.filter(isOfDeployment).map(placeOf);
    const { rows } = await tx.query(
      `select stream, body from unnest($1::text[], $2::integer[]) as place (stream, number) join deployments using (stream, number)`,
      [textArray(places.map(([stream]) => stream)), intArray(places.map(([, number]) => number))],
    );
    return new Map(rows.map(({ stream, body }) => [deploymentKey(stream, body.number), body]));
  },
  save: async (tx, touched) => {
    const written: Item[] = [];
    const gone: string[] = [];
    const shown: Array<[string, boolean]> = [];
    for (const [key, row] of touched) {
      if (isDeployment(row)) written.push(toItem(key, row));
      else if (row) shown.push([key, row.shown]);
      else if (isOfDeployment(key)) gone.push(key);
    }
    await writeRows(tx, table, written);
    if (gone.length > 0) await remove(tx, gone.map(placeOf));
    if (shown.length > 0) await show(tx, shown);
  },
  table,
  itemsOf: (key, row) => (isDeployment(row) ? [toItem(key, row)] : null),
});

/** When a deployment turned out to be a failure: it failed then, or was rolled back and became current then. */
const failedAt = ({ status, finishedAt, endedAt }: Deployment): Time | null => {
  if (status === 'rolled_back') return finishedAt;
  return status === 'failed' ? endedAt : null;
};

/** By convention `metadata.committedAt` is when the newest of its commits was made. */
const committedAt = ({ metadata }: Deployment): Time | null => {
  const { committedAt: said } = metadata;
  return (typeof said === 'string' ? toTime(said) : undefined) ?? null;
};

const remove = (tx: Queryable, places: ReadonlyArray<[stream: string, number: number]>) =>
  tx.query(
    `delete from deployments using unnest($1::text[], $2::integer[]) as gone (stream, number)
     where deployments.stream = gone.stream and deployments.number = gone.number`,
    [places.map(([stream]) => stream), places.map(([, number]) => number)],
  );

/** After the rows were written: these are all that the stream has. */
const show = (tx: Queryable, shown: ReadonlyArray<[stream: string, shown: boolean]>) =>
  tx.query(
    `update deployments set shown = target.shown from unnest($1::text[], $2::boolean[]) as target (stream, shown)
     where deployments.stream = target.stream and deployments.shown <> target.shown`,
    [shown.map(([stream]) => stream), shown.map(([, each]) => each)],
  );

export type DeploymentItem = Readonly<{ project: string; target: string; deployment: Deployment }>;

/** The deployments of these keys (`deploymentKey`); those that are not there, or not now, are left out. */
export const deploymentsOf = async (database: Queryable, keys: readonly string[]): Promise<Map<string, Deployment>> => {
  const places = keys.map(placeOf);
  const { rows } = await database.query(
    `select stream, body from unnest($1::text[], $2::bigint[]) as place (stream, number)
       join deployments using (stream, number) where shown`,
    [places.map(([stream]) => stream), places.map(([, number]) => number)],
  );
  return new Map(rows.map(({ stream, body }) => [deploymentKey(stream, body.number), body]));
};

/** The deployments with these ids; those that are not there, or not now, are left out. */
export const deploymentsById = async (
  database: Queryable,
  ids: readonly number[],
): Promise<Map<number, DeploymentItem>> => {
  const { rows } = await database.query(
    'select project, key as target, body as deployment from deployments where id = any ($1::bigint[]) and shown',
    [ids],
  );
  return new Map(rows.map((item) => [item.deployment.created.position, item]));
};

/** The same with their targets as they are; of one whose target that view does not have, undefined. */
export const deploymentsWithTargets = async (
  database: Queryable,
  ids: readonly number[],
): Promise<Map<number, Readonly<{ item: DeploymentItem; on: Target | undefined }>>> => {
  const { rows } = await database.query(
    `select found.project, found.key as target, found.body::text as body, current.stream, current.state,
            current.deployment::text as current
       from deployments as found left join current on current.stream = found.stream and current.alive
      where found.id = any ($1::bigint[]) and found.shown`,
    [ids],
  );
  return new Map(
    rows.map(({ project, target, body, stream, state, current }) => {
      const deployment = rereadDeployment(body);
      const on = state === null ? undefined : rereadTarget(stream, state, current);
      return [deployment.created.position!, { item: { project, target, deployment }, on }];
    }),
  );
};

/** By the ids of these deployments: each, and behind it the one that took its place, where there is one; only what is there, and shows now. */
export const deploymentsAndSuccessors = async (
  database: Queryable,
  ids: readonly number[],
): Promise<Map<number, readonly DeploymentItem[]>> => {
  const { rows } = await database.query(
    `select found.id, found.project, found.key as target, found.body::text as body, next.body::text as successor
       from deployments as found left join deployments as next on next.stream = found.stream
        and next.number = (found.body ->> 'supersededBy')::integer and next.shown
      where found.id = any ($1::bigint[]) and found.shown`,
    [ids],
  );
  return new Map(
    rows.map(({ id, project, target, body, successor }) => {
      const item = { project, target, deployment: rereadDeployment(body) };
      return [id, successor === null ? [item] : [item, { ...item, deployment: rereadDeployment(successor) }]];
    }),
  );
};
