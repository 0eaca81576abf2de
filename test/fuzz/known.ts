import { CANARY } from './corpus.js';

/** Values that are right often enough to get behind the first check: what requests are made of before they are spoiled. */
const projects = ['web-shop', 'octocat/example'];
const targets = ['production', 'staging', 'review/42'];
const numbers = ['1', '2', '3', '7'];
const sha = '6dcb09b5b57875f334f61aebed695e2e4193db5e';
const digest = `sha256:${'1'.repeat(64)}`;

export const known = {
  anything: ['1', '2', 'x', ...projects, ...targets, sha],
  parameters: {
    project: projects,
    repo: projects,
    target: targets,
    environment: targets,
    number: numbers,
    id: ['1', '2', '3', 'web-shop', 'octocat/example'],
    position: ['1', '2', '100'],
    sha: [sha, sha.slice(0, 7)],
    version: ['1.4.0', '1.3.0'],
    commandId: ['k1', 'k2', '6f6c-1'],
    owner: ['octocat', '-'],
    org: ['octocat', '-'],
    cluster: ['moda-1'],
    job: ['0', '10001', '20002'],
    digest: [digest],
    asset: ['swagger-ui.css', 'index.html'],
    uuid: ['393138e5-a39a-8977-8000-000000000002', ...projects],
    projectIdentifier: ['key:web-shop', 'id:octocat/example', 'web-shop'],
    targetIdentifier: ['key:production', 'production', 'id:web-shop:staging', 'number:7'],
    deploymentIdentifier: ['id:2', 'status:current', 'status:Scheduled', 'version:1.4.0', '1'],
    fullNumberId: ['web-shop-T-7', 'octocat/example-T-1'],
  } as Readonly<Record<string, readonly string[]>>,
  queries: {
    project: projects,
    page: ['1', '2', '100000'],
    per_page: ['1', '30', '100', '0'],
    status: ['success', 'running', 'current'],
    environment: targets,
    ref: ['release', sha],
    sha: [sha],
    task: ['deploy'],
    order_by: ['id', 'updated_at', 'finished_at'],
    sort: ['asc', 'desc'],
    updated_after: ['2026-01-01T00:00:00Z'],
    search: ['pro'],
    states: ['available', 'stopped'],
    $top: ['10'],
    $skip: ['5'],
    $fields: ['id,version,target(id,key)'],
    targetIdentifier: ['key:production', '{project:key:web-shop,target:key:production}', 'web-shop-T-7'],
    sortBy: ['name', 'createdAt', 'lastDeployed'],
    sortOrder: ['ASC', 'DESC'],
    cursor: ['eyJwIjo0NzEyfQ'],
    min_position: ['0', '1'],
    limit: ['1', '200'],
    token: ['x', CANARY],
    product_name: projects,
    view: ['393138e5-a39a-8977-8000-000000000002'],
    skip: ['0', '1'],
  } as Readonly<Record<string, readonly string[]>>,
};

/** What the clients of the dialects send, whichever of their routes it is sent to. */
export const dialectBodies: readonly unknown[] = [
  {},
  {
    ref: 'release',
    environment: 'production',
    auto_merge: false,
    required_contexts: [],
    payload: { a: 1 },
    description: 'd',
  },
  {
    ...{ name: 'ghcr.io/octocat/example', digest, status: 'deployed', logical_environment: 'prod', cluster: 'moda-1' },
    ...{ deployment_name: 'shop/web', tags: { team: 'shop' }, runtime_risks: ['sensitive-data'] },
  },
  {
    ...{ logical_environment: 'prod', physical_environment: '', partial_success: true },
    deployments: [{ name: 'example', digest, version: '1.4.0', deployment_name: 'shop/web' }],
  },
  { state: 'success', log_url: 'https://ci.example/1', environment_url: 'https://shop.example', auto_inactive: true },
  {
    query: 'query($o: String!) { repository(owner: $o, name: "web-shop") { deployments(first: 3) { nodes { id } } } }',
    variables: { o: 'octocat' },
  },
  { environment: 'production', sha, ref: 'release', tag: false, status: 'success' },
  { status: 'approved', comment: 'go', represented_as: 'ops' },
  { name: 'review/42', external_url: 'https://shop.example', tier: 'production' },
  {
    deployments: [
      {
        deploymentSequenceNumber: 100,
        updateSequenceNumber: 1,
        associations: [{ associationType: 'issueKeys', values: ['SHOP-1'] }],
        displayName: '1.4.0',
        url: 'https://ci.example/1',
        description: 'd',
        lastUpdated: '2026-01-20T23:27:25.000Z',
        label: '1.4.0',
        state: 'successful',
        pipeline: { id: 'p', displayName: 'p', url: 'https://ci.example/p' },
        environment: { id: 'production', displayName: 'production', type: 'production' },
      },
    ],
    properties: { accountId: 'a' },
  },
  { grant_type: 'client_credentials', client_id: 'c', client_secret: 's', audience: 'api.atlassian.com' },
  {
    targetIdentifier: 'key:production',
    version: '1.0.0',
    commitRefs: [{ repositoryName: 'web-shop', branch: 'release', commit: 'abc1234' }],
    externalLink: { label: 'CI', url: 'https://ci.example/1' },
    syncWithAutomationJob: false,
  },
  { targetIdentifier: 'production', deploymentIdentifier: 'status:current', scheduledStart: '2026-12-01T00:00:00Z' },
  {
    key: 'production',
    name: 'Shop',
    description: 'd',
    repositories: [{ repositoryName: 'web-shop' }],
    links: [{ url: 'https://shop.example', label: 'shop', main: true }],
    hangTimeoutMinutes: 30,
  },
  {
    expression: {
      filters: [
        { className: 'DeployTargetsSearchFilter.ByName', searchText: 'pro' },
        { className: 'DeployTargetsSearchFilter.ByProjects', projects: ['key:web-shop'], negated: false },
      ],
    },
    batchInfo: { offset: '0', batchSize: 10 },
  },
  { key: 'production', name: 'Production', description: 'd', repositories: ['web-shop'], hangTimeoutMinutes: 30 },
  {
    product_name: 'web-shop',
    invoke_id: '7',
    version: '1.2.3',
    environment_name: 'production',
    status: 'success',
    source_system: 'github',
    scm_sha: sha,
    scm_repository: 'o/r',
    deployed_by: 'u',
    completed_at: '2026-01-01T00:00:00Z',
    extra_metadata: { a: 1 },
  },
  {
    specversion: '1.0',
    id: 'e1',
    source: '/ci',
    type: 'dev.cdevents.service.deployed.0.1.1',
    data: {
      context: { version: '0.4.1', id: 'e1', source: '/ci', type: 'dev.cdevents.service.deployed.0.1.1' },
      subject: {
        id: 'web-shop',
        type: 'service',
        content: { environment: { id: 'production' }, artifactId: 'pkg:oci/a@1' },
      },
    },
  },
  {
    id: '1',
    startedDate: '2026-01-01T00:00:00Z',
    finishedDate: '2026-01-01T00:01:00Z',
    result: 'SUCCESS',
    environment: 'PRODUCTION',
    deploymentCommits: [
      {
        repoUrl: 'https://git.example/r',
        commitSha: sha,
        startedDate: '2026-01-01T00:00:00Z',
        finishedDate: '2026-01-01T00:01:00Z',
      },
    ],
  },
];
