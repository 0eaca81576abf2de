import { deploymentEventTypes, evolveDeployment, plainBranch, toTime, type Deployment, type Time } from '#domain';
import { intArray, jsonArray, textArray, type Queryable } from '#event-store';

import type { LogEvent } from './log-events.js';
import { defineProjection, onEach } from './projection.js';
import { targetIn } from './streams.js';

/** Of a stream: whether its deployments show, which they do while the target is there. */
type Shown = Readonly<{ shown: boolean }>;
type Row = Deployment | Shown;

const isDeployment = (row: Row | undefined): row is Deployment => row !== undefined && 'number' in row;

/** A deployment as the key of a row: no stream has a `#`, for keys are percent-encoded in it. */
export const deploymentKey = (stream: string, number: number): string => `${stream}#${number}`;

/** The stream and the number that such a key is made of. */
export const placeOf = (key: string): [stream: string, number: number] => {
  const [stream = '', number] = key.split('#');
  return [stream, Number(number)];
};

const evolveRow = (row: Row | undefined, event: LogEvent): Row | undefined =>
  evolveDeployment(isDeployment(row) ? row : null, event) ?? undefined;

/** Every deployment of every target: the history. What was deleted is not in it; what belongs to a deleted target does not show. */
export const deployments = defineProjection<Row>({
  name: 'deployments',
  version: 2,
  rowOf: ({ stream, data }) => ('number' in data ? deploymentKey(stream, data.number) : stream),
  when: {
    ...onEach(deploymentEventTypes, evolveRow),
    TargetCreated: () => ({ shown: true }),
    TargetDeleted: () => ({ shown: false }),
  },
  load: async (tx, keys) => {
    const places = keys.filter((key) => key.includes('#')).map(placeOf);
    const { rows } = await tx.query(
      `select stream, body from unnest($1::text[], $2::integer[]) as place (stream, number) join deployments using (stream, number)`,
      [places.map(([stream]) => stream), places.map(([, number]) => number)],
    );
    return new Map(rows.map(({ stream, body }) => [deploymentKey(stream, body.number), body]));
  },
  save: async (tx, touched) => {
    const written: Array<[string, Deployment]> = [];
    const gone: string[] = [];
    const shown: Array<[string, boolean]> = [];
    for (const [key, row] of touched) {
      if (row === undefined) gone.push(key);
      else if (isDeployment(row)) written.push([placeOf(key)[0], row]);
      else shown.push([key, row.shown]);
    }
    if (written.length > 0) await write(tx, written);
    if (gone.length > 0) await remove(tx, gone.map(placeOf));
    if (shown.length > 0) await show(tx, shown);
  },
});

const write = (tx: Queryable, rows: ReadonlyArray<[stream: string, deployment: Deployment]>) => {
  const of = <T>(pick: (deployment: Deployment) => T): T[] => rows.map(([, deployment]) => pick(deployment));
  const texts = (pick: (deployment: Deployment) => string) => textArray(of(pick));
  const places = rows.map(([stream]) => targetIn(stream));
  return tx.query(
    `insert into deployments (stream, project, key, number, id, status, version, actor, created_at,
                              repositories, branches, commits, body, finished_at, failed_at, committed_at, rolls_back)
     select stream, project, key, number, id, status, version, actor, created_at,
            repositories::text[], branches::text[], commits::text[], body, finished_at, failed_at, committed_at, rolls_back
       from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::text[], $7::text[], $8::text[],
                   $9::timestamptz[], $10::text[], $11::text[], $12::text[], $13::json[],
                   $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::boolean[])
         as row (stream, project, key, number, id, status, version, actor, created_at, repositories, branches, commits, body,
                 finished_at, failed_at, committed_at, rolls_back)
     on conflict (stream, number) do update
     set status = excluded.status, version = excluded.version, repositories = excluded.repositories,
         branches = excluded.branches, commits = excluded.commits, body = excluded.body,
         finished_at = excluded.finished_at, failed_at = excluded.failed_at, committed_at = excluded.committed_at,
         rolls_back = excluded.rolls_back`,
    [
      textArray(rows.map(([stream]) => stream)),
      textArray(places.map(({ project }) => project)),
      textArray(places.map(({ key }) => key)),
      intArray(of(({ number }) => number)),
      of(({ created }) => created.position),
      texts(({ status }) => status),
      texts(({ version }) => version),
      texts(({ actor }) => actor.id),
      of(({ createdAt }) => createdAt),
      texts(({ commitRefs }) => arrayText(commitRefs.map(({ repository }) => repository))),
      texts(({ commitRefs }) => arrayText(commitRefs.map(({ branch }) => plainBranch(branch)))),
      texts(({ commitRefs }) => arrayText(commitRefs.flatMap(({ commit }) => commit ?? []))),
      jsonArray(of((deployment) => JSON.stringify(deployment))),
      of(({ finishedAt }) => finishedAt),
      of(failedAt),
      of(committedAt),
      of(({ rollbackOf }) => rollbackOf !== null),
    ],
  );
};

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

/** As Postgres reads an array: arrays of several lengths do not fit into one parameter otherwise. */
const arrayText = (texts: readonly string[]): string =>
  `{${[...new Set(texts)].map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join()}}`;

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
