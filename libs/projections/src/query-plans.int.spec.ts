import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Queryable } from '#event-store';
import { listDeploymentsOfCommit } from './commits.js';
import { listCurrent } from './current.js';
import { dueDeadlines } from './deadlines.js';
import { deploymentsById } from './deployments.js';
import { readDora } from './dora.js';
import { listDeployments, type DeploymentFilters } from './history.js';
import { listTargets, targetsOf } from './targets.js';
import { World } from './testing/world.js';
import { listTargetsOfVersion } from './versions.js';
import { uncountedWindow, windowOfDeployments, windowWithTargets, type Window, type WindowFilters } from './windows.js';

const ROWS = 60_000;
const page = { limit: 50 };

let world: World;
beforeAll(async () => {
  world = await World.create();
  await fill();
}, 60_000);
afterAll(() => world.close());

/** 600 targets in 30 projects, with 100 deployments each; one in a thousand is in flight or was not sent by `ci`. */
const fill = async () => {
  await world.pool.query(
    `insert into deployments (stream, number, id, project, key, status, version, actor, created_at, repositories, branches, commits, body, finished_at, failed_at, rare_status)
     select 'target:p' || t % 30 || '/t' || t, n, id, 'p' || t % 30, 't' || t,
            case when id % 1000 = 0 then 'deploying' when n = 100 then 'current' else 'completed' end, '1.' || id % 5000,
            case when id % 1000 = 1 then 'ann' else 'ci' end, timestamptz '2026-01-01Z' + id * interval '1 minute',
            array['repository-' || t], array['main'], array[md5(id::text)], '{"commitRefs":[]}',
            timestamptz '2026-01-01Z' + id * interval '1 minute', case when id % 7 = 0 then timestamptz '2026-01-01Z' end,
            case when id % 1000 = 0 then 'deploying' end
       from generate_series(1, $1::integer) as id, lateral (select id % 600 as t, id / 600 + 1 as n) as place`,
    [ROWS],
  );
  await world.pool.query(`insert into commits select stream, number, commits[1], id, project from deployments`);
  const target = `'target:p' || t % 30 || '/t' || t, 'p' || t % 30, 't' || t`;
  const all = `from generate_series(1, ${ROWS}) as t`;
  await world.pool.query(
    `insert into current select ${target}, 'production', true, t % 100 = 0, '{}', '{}', '{}', '[]',
            case when t % 2 = 0 then now() + (t - 100) * interval '1 minute' end ${all}`,
  );
  await world.pool.query('analyze');
};

type Plan = Readonly<{
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: readonly Plan[];
}>;

const COUNTED = 5_000;

/** The nodes of the plan of what is asked, each as `type, index, condition`. */
const planOf = async (ask: (database: Queryable) => Promise<unknown>): Promise<string[]> => {
  const nodes: string[] = [];
  const walk = (node: Plan) => {
    // A row for each view is soonest read like this.
    if (node['Relation Name'] === 'checkpoints') return;
    nodes.push(
      [node['Node Type'], node['Index Name'], node['Index Cond']].filter((each) => each !== undefined).join(', '),
    );
    node.Plans?.forEach(walk);
  };
  await ask({
    query: async (text, values) => {
      const { rows } = await world.pool.query(`explain (format json) ${text}`, values);
      walk(rows[0]['QUERY PLAN'][0].Plan);
      // A count of so many, as a list that is counted answers it.
      const counted = { deployment: null, state: null, total: COUNTED, asOf: 'then' };
      return text.includes('"asOf"') ? { rows: [counted], rowCount: 1 } : { rows: [], rowCount: 0 };
    },
  });
  expect(nodes.filter((node) => node.startsWith('Seq Scan'))).toEqual([]);
  return nodes;
};

const searched = (...columns: string[]) => expect.stringMatching(new RegExp(`Index.*Scan.*, .*${columns.join('.*')}`));

describe('With many rows an index finds', () => {
  const history = (filters: Partial<DeploymentFilters>, after?: number) =>
    planOf((database) =>
      listDeployments(database, { projects: '*', ...filters }, { ...page, ...(after === undefined ? {} : { after }) }),
    );

  it.each<[string, Partial<DeploymentFilters>, string[]]>([
    ['the history of a target', { project: 'p7', target: 't7' }, ['project = ', 'key = ']],
    ['the history of a project', { project: 'p7' }, ['project = ']],
    ['the history within reach', { projects: ['p7'], target: 't7' }, ['project = ', 'key = ']],
    ['a rare status', { status: 'deploying' }, ['rare_status = ']],
    ['a rare status of a project', { status: 'deploying', project: 'p7' }, ['= ']],
    ['a version', { version: '1.77' }, ['version = ']],
    ['an actor', { actor: 'ann' }, ['actor = ']],
    ['a person, by all opaque ids', { actors: ['nobody', 'ann'] }, ['actor = ANY']],
    ['a commit', { commit: 'c4ca4238a0b923820dcc509a6f75849b' }, ['commits @> ']],
    ['a repository', { repository: 'repository-7' }, ['repositories @> ']],
    ['a repository and its branch', { repository: 'repository-7', branch: 'main' }, ['repositories @> ']],
    [
      'an hour',
      { from: '2026-01-10T00:00:00.000000Z', to: '2026-01-10T01:00:00.000000Z' },
      ['created_at >= ', 'created_at < '],
    ],
  ])('%s', async (_, filters, columns) => {
    expect(await history(filters)).toContainEqual(searched(...columns));
  });

  it('a commit by a stretch of its index, and each deployment by its key', async () => {
    const find = (commit: string) =>
      planOf((database) => listDeploymentsOfCommit(database, { projects: '*', commit }, page));
    for (const [commit, condition] of [
      ['c4ca4238a0b923820dcc509a6f75849b', 'sha >= .* AND .*sha < '],
      ['c4ca423', 'sha >= .* AND .*sha < '],
      ['c4ca42', 'sha = '],
    ] as const) {
      const plan = await find(commit);
      expect(plan).toContainEqual(searched(condition));
      expect(plan).toContainEqual(searched('stream = ', 'number = '));
    }
  });

  it('the next target of a version, and the deployment that says so', async () => {
    const plan = await planOf((database) =>
      listTargetsOfVersion(database, { projects: '*', version: '1.77' }, { ...page, after: ['p7', 't7'] }),
    );
    expect(plan).toContainEqual(searched('version = ', 'ROW\\(project, key\\) > '));
    expect(plan).toContainEqual(searched('version = ', 'project = ', 'key = '));
    expect(plan).toContainEqual(searched('current_.*project = ', 'key = '));
    expect(plan).toContainEqual(searched('id = '));
  });

  it.each([
    ['of a project', { project: 'p7' }, ['project = .*key > ']],
    ['of a target', { project: 'p7', target: 't7' }, []],
  ])('what was decided in an hour %s, and what restored each failure', async (_, place, columns) => {
    const hour = { from: '2026-01-10T00:00:00.000000Z', to: '2026-01-10T01:00:00.000000Z' };
    // A plan has no rows to give figures of.
    const plan = await planOf((database) => readDora(database, { ...place, ...hour }).catch(() => undefined));
    for (const condition of columns) expect(plan).toContainEqual(searched(condition));
    expect(plan).toContainEqual(searched('project = ', 'key = ', 'finished_at >= ', 'finished_at < '));
    expect(plan).toContainEqual(searched('project = ', 'key = ', 'failed_at >= ', 'failed_at < '));
    expect(plan).toContainEqual(searched('project = ', 'key = ', 'ROW\\(finished_at, id\\) > '));
  });

  it('the next page, without sorting what was on the ones before', async () => {
    const first = await history({ project: 'p7', target: 't7' }, 30_000);
    expect(first).toContainEqual(searched('ROW\\(project, key, id\\) <= '));
    expect(first.filter((node) => node.startsWith('Sort'))).toEqual([]);
    expect(await history({}, 30_000)).toContainEqual(searched('id < '));
  });

  describe('a window of a project', () => {
    const window = (filters: Partial<WindowFilters>, more: Partial<Window> = {}) =>
      planOf((database) =>
        windowOfDeployments(
          database,
          { projects: ['p7'], project: 'p7', ...filters },
          { offset: 0, limit: 50, ...more },
        ),
      );
    /** The one that is there always puts the page in its order. */
    const sorts = (plan: readonly string[]): number => plan.filter((node) => /^(Incremental )?Sort/.test(node)).length;

    it.each([
      ['newest first', {}],
      ['oldest first', { ascending: true }],
    ])('%s, in the order of an index', async (_, direction) => {
      const plan = await window({}, direction);
      expect(plan).toContainEqual(searched('project = '));
      expect(plan).toContainEqual(searched('id = '));
      expect(sorts(plan)).toBe(1);
    });

    it('with its targets, each by its key', async () => {
      const plan = await planOf((database) =>
        windowWithTargets(database, { projects: ['p7'], project: 'p7' }, { offset: 0, limit: 50 }),
      );
      expect(plan).toContainEqual(searched('stream = '));
    });

    it('late, along the index from the nearer end', async () => {
      const plan = await planOf(async (database) => {
        const late = { offset: COUNTED - 60, limit: 50 };
        // Only who has counted knows which end is nearer.
        for (const page of [{ offset: 0, limit: 50 }, late])
          await windowOfDeployments(database, { projects: ['p7'], project: 'p7' }, page);
      });
      // The first from its end, and the late one from the other; of the way that is not gone the planner makes what it likes.
      const walks = plan.filter((node) => /^Index Only Scan.*ROW\(project, id\)/.test(node));
      expect(walks.length).toBeGreaterThanOrEqual(2);
    });

    it('but for one target, uncounted', async () => {
      const plan = await planOf((database) =>
        uncountedWindow(database, { projects: '*', project: 'p7', exceptTarget: 't7' }, { offset: 0, limit: 50 }),
      );
      expect(plan).toContainEqual(searched('project = '));
      expect(sorts(plan)).toBe(0);
    });

    it('of one target by when they were finished, which are a stretch of an index', async () => {
      const times = { finishedFrom: '2026-01-10T00:00:00.000000Z', finishedTo: '2026-01-20T00:00:00.000000Z' };
      const plan = await window({ target: 't7', ...times }, { order: 'finishedAt', ascending: true });
      expect(plan).toContainEqual(searched('project = ', 'key = ', 'finished_at >= ', 'finished_at < '));
    });

    it('in any other order sorts the deployments of the project, and reads no others', async () => {
      for (const order of ['createdAt', 'updatedAt', 'finishedAt', 'ref'] as const) {
        const plan = await window({ updatedFrom: '2026-01-10T00:00:00.000000Z' }, { order });
        expect(plan).toContainEqual(searched('project = '));
        expect(sorts(plan)).toBe(2);
      }
    });
  });

  it('single rows and the other lists', async () => {
    expect(await planOf((database) => deploymentsById(database, [1, 2, 3]))).toContainEqual(searched('id = ANY'));
    expect(await planOf((database) => targetsOf(database, ['target:p7/t7']))).toContainEqual(searched('stream = ANY'));
    expect(await planOf((database) => listTargets(database, 'p7', { ...page, after: 't7' }))).toContainEqual(
      searched('project = ', 'key > '),
    );
    expect(await planOf((database) => listCurrent(database, { projects: '*', project: 'p10' }, page))).toContainEqual(
      searched('project = '),
    );
    expect(await planOf((database) => dueDeadlines(database, 500))).toContainEqual(searched('due <= '));
  });
});
