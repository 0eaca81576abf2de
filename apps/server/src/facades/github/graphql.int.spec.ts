import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { githubClient } from '../../../../../test/support/github.js';
import { unique } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';

const api = suiteServer();

const { ask, repository, create, report } = githubClient(() => api);

describe('GraphQL', () => {
  const query = (text: string, variables: object = {}) => ask('POST', '/api/graphql', { query: text, variables });

  it('pages as DevLake asks', async () => {
    const { project, path } = repository();
    const [owner, name] = project.split('/');
    for (let n = 0; n < 3; n += 1) {
      const { id } = await create(path, { ref: `v${n}`, sha: SHA, payload: { n }, environment: 'staging' });
      await report(path, id, n === 2 ? 'in_progress' : 'success');
    }
    const text = `query($owner: String!, $name: String!, $after: String) { rateLimit { cost } repository(owner: $owner, name: $name) {
      deployments(first: 2, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) { totalCount pageInfo { endCursor hasNextPage }
        nodes { task id commitOid environment state databaseId description payload ref { id name prefix } statuses(first: 100) { nodes { state updatedAt } }
          latestStatus { id state updatedAt } repository { id name url } createdAt updatedAt commit { oid message author { name email } committedDate } } } } }`;
    const { json: first } = await query(text, { owner, name });
    const { deployments } = first.data.repository;
    expect(deployments).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    expect(deployments.nodes).toEqual([
      expect.objectContaining({
        state: 'IN_PROGRESS',
        commitOid: SHA,
        payload: '{"n":2}',
        ref: expect.objectContaining({ name: 'v2' }),
      }),
      expect.objectContaining({ state: 'ACTIVE', latestStatus: expect.objectContaining({ state: 'SUCCESS' }) }),
    ]);
    const { json: second } = await query(text, { owner, name, after: deployments.pageInfo.endCursor });
    expect(second.data.repository.deployments).toMatchObject({
      pageInfo: { hasNextPage: false },
      nodes: [{ state: 'INACTIVE', statuses: { nodes: [{ state: 'INACTIVE' }, { state: 'SUCCESS' }] } }],
    });
    // In the same run it collects what GitHub Actions did, and fails as a whole where nobody knows of such a thing.
    const runs = await ask('GET', `${path}/actions/runs?page=1&per_page=30`);
    expect([runs.status, runs.json]).toEqual([200, { total_count: 0, workflow_runs: [] }]);
  });

  it.each([
    ['what is no query', 'nonsense {', /^Syntax Error/],
    ['a field that is not there', '{ nothing }', /^Cannot query field "nothing"/],
    [
      'lists without a length',
      '{ repository(owner: "o", name: "r") { deployments { totalCount } } }',
      /`first` or `last`/,
    ],
    [
      'a cursor that is none',
      '{ repository(owner: "o", name: "r") { deployments(first: 1, after: "x") { totalCount } } }',
      /valid cursor/,
    ],
    [
      'too much at once',
      '{ repository(owner: "o", name: "r") { deployments(first: 101) { totalCount } } }',
      /0 to 100/,
    ],
    [
      'lists within lists',
      `{ ${Array.from({ length: 6 }, (_, n) => `r${n}: repository(owner: "o", name: "r") { deployments(first: 1) { totalCount } }`).join(' ')} }`,
      /more than 10 lists/,
    ],
  ])('tells of %s with 200', async (_, text, message) => {
    const answered = await query(text);
    expect([answered.status, answered.json.errors[0].message]).toEqual([200, expect.stringMatching(message)]);
  });

  it('shows a repository to nobody who does not reach it', async () => {
    const { project, path } = repository();
    await create(path);
    const [owner, name] = project.split('/');
    const { token } = await tokenOf(api, { name: unique('stranger'), projects: ['elsewhere'] });
    const answered = await ask(
      'POST',
      '/api/graphql',
      { query: `{ repository(owner: "${owner}", name: "${name}") { id } }` },
      { token },
    );
    expect(answered.json).toEqual({
      data: { repository: null },
      errors: [
        expect.objectContaining({
          type: 'NOT_FOUND',
          message: `Could not resolve to a Repository with the name '${project}'.`,
        }),
      ],
    });
  });
});
