import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair, type JWTPayload } from 'jose';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { API, startTestServer, testDatabase, unique, type TestServer } from '../../../../../test/support/server.js';
import { clock, loadConfig, type OidcIssuer } from '#runtime';
import { digestOf } from './secret.js';
import { Issuers } from './issuers.js';

type Pair = Awaited<ReturnType<typeof generateKeyPair>> & { kid: string };

/** An issuer as GitHub and GitLab are: a discovery document, keys, and tokens signed with them. */
class TestIssuer {
  keys: Pair[] = [];
  /** How often its keys were fetched. */
  fetched = 0;
  isAway = false;
  readonly server: Server = createServer((request, response) => {
    if (this.isAway) return void response.writeHead(503).end();
    response.setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/openid-configuration')
      return void response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }));
    this.fetched += 1;
    void this.published().then((keys) => response.end(JSON.stringify({ keys })));
  });

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    await this.rotate('RS256');
    return this;
  }

  async rotate(alg: string): Promise<void> {
    this.keys = [{ ...(await generateKeyPair(alg, { extractable: true })), kid: unique(alg) }];
  }

  sign(
    claims: JWTPayload,
    { alg = 'RS256', kid = this.keys[0]!.kid, lives = '5m', key = this.keys[0]!.privateKey } = {},
  ) {
    const jwt = new SignJWT({ aud: 'shiplog', iss: this.url, ...claims }).setProtectedHeader({ alg, kid });
    return jwt.setIssuedAt().setExpirationTime(lives).sign(key);
  }

  signUntil(exp: number, claims: JWTPayload) {
    const { kid, privateKey } = this.keys[0]!;
    const jwt = new SignJWT({ aud: 'shiplog', iss: this.url, ...claims, exp });
    return jwt.setProtectedHeader({ alg: 'RS256', kid }).setIssuedAt().sign(privateKey);
  }

  private published() {
    return Promise.all(
      this.keys.map(async ({ publicKey, kid }) => ({ ...(await exportJWK(publicKey)), kid, use: 'sig' })),
    );
  }
}

/** The claims of a job, as docs.github.com has them. */
const github = (repository: string, more: JWTPayload = {}): JWTPayload => ({
  sub: `repo:${repository}:ref:refs/heads/main`,
  repository,
  repository_owner: 'octo',
  repository_id: '74',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  event_name: 'push',
  actor: 'octocat',
  run_attempt: '1',
  ...more,
});
/** And as docs.gitlab.com has them. */
const gitlab = (path: string, more: JWTPayload = {}): JWTPayload => ({
  sub: `project_path:${path}:ref_type:branch:ref:main`,
  namespace_path: 'group',
  project_path: path,
  ref: 'main',
  ref_type: 'branch',
  ref_protected: 'true',
  pipeline_source: 'push',
  ...more,
});

const rules = [
  {
    claims: { repository_owner: 'octo', environment: 'tokens' },
    projects: ['{repository}'],
    scopes: ['admin'],
    name: '{repository}',
  },
  {
    claims: { repository_owner: 'octo', ref: 'refs/heads/*' },
    projects: ['{repository}'],
    scopes: ['deployments:write', 'targets:write'],
    name: '{repository}',
  },
  { claims: { repository_owner: 'octo' }, projects: ['{repository}'], scopes: ['deployments:read'], name: '{sub}' },
  {
    claims: { namespace_path: 'group', ref_protected: 'true' },
    projects: ['{project_path}'],
    scopes: ['targets:write'],
    name: 'gitlab/{project_path}',
  },
];

let issuer: TestIssuer;
let database: TestDatabase;
let api: TestServer;
beforeAll(async () => {
  issuer = await new TestIssuer().start();
  database = await testDatabase();
  const OIDC_ISSUERS = JSON.stringify([{ issuer: issuer.url, audience: 'shiplog', rules }]);
  api = await startTestServer(database, { OIDC_ISSUERS, RATE_LIMIT: '10' });
});
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
  issuer?.server.close();
});

const create = (project: string, token: string) =>
  api.call(`${API}/projects/${encodeURIComponent(project)}/targets`, { body: { key: 't' }, token });

describe('a job of a CI', () => {
  it('of GitHub deploys its own repository, as itself, and sees no other', async () => {
    const repository = `octo/${unique('shop')}`;
    const token = await issuer.sign(github(repository));
    expect((await create(repository, token)).status).toBe(201);
    const path = `${API}/projects/${encodeURIComponent(repository)}/targets/t`;
    const { status, body } = await api.call(`${path}/finish`, { body: { version: '1' }, token });
    expect([status, body.deployment.actor]).toEqual([201, { id: `oidc:${repository}`, kind: 'service' }]);
    expect((await create('octo/other', token)).status).toBe(403);
    const other = await issuer.sign(github('octo/other'));
    expect((await api.call(path, { token: other })).status).toBe(404);
  });

  it('gets what the first matching rule gives: of a pull request it only reads', async () => {
    const token = await issuer.sign(github(`octo/${unique('shop')}`, { ref: 'refs/pull/1/merge' }));
    const reply = await create('octo/shop', token);
    expect([reply.status, reply.body.code]).toEqual([403, 'forbidden']);
    expect((await api.call(`${API}/projects`, { token })).body.items).toEqual([]);
  });

  it('makes no token that outlives its own', async () => {
    const repository = `octo/${unique('shop')}`;
    const exp = Math.floor(Date.now() / 1000) + 300;
    const maker = await issuer.signUntil(exp, github(repository, { environment: 'tokens' }));
    const make = (more: object) =>
      api.call(`${API}/tokens`, {
        body: { name: unique('ci'), scopes: ['deployments:read'], projects: [repository], ...more },
        token: maker,
      });
    const ends = new Date(exp * 1000).toISOString().replace('Z', '000Z');
    const { status, body } = await make({});
    expect([status, body.expiresAt]).toEqual([201, ends]);
    const later = await make({ expiresAt: new Date((exp + 1) * 1000).toISOString() });
    expect([later.status, later.body.code]).toEqual([403, 'forbidden']);
    const never = await issuer.signUntil(1e15, github(repository, { environment: 'tokens' }));
    expect((await api.call(`${API}/projects`, { token: never })).status).toBe(200);
  });

  it('of GitLab likewise', async () => {
    const project = `group/${unique('app')}`;
    expect((await create(project, await issuer.sign(gitlab(project)))).status).toBe(201);
    const unprotected = await issuer.sign(gitlab(project, { ref_protected: 'false' }));
    expect((await create(project, unprotected)).status).toBe(401);
  });

  it('is counted by its subject, apart from others', async () => {
    const [one, two] = await Promise.all(['a', 'b'].map((name) => issuer.sign(github(`octo/${unique(name)}`))));
    const statuses: number[] = [];
    for (let n = 0; n < 11; n += 1) statuses.push((await api.call(`${API}/projects`, { token: one! })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
    expect((await api.call(`${API}/projects`, { token: two! })).status).toBe(200);
  });
});

describe('a token that no job could have', () => {
  const claims = github('octo/shop');
  const status = async (token: string | Promise<string>) =>
    (await api.call(`${API}/projects`, { token: await token })).status;

  it('is 401: unsigned, of another, for another, too old, too early, of nobody that a rule knows', async () => {
    const stranger = await generateKeyPair('RS256');
    const valid = await issuer.sign(claims);
    const [header, payload, signature] = valid.split('.') as [string, string, string];
    const { sub: _, ...nameless } = claims;
    const now = Math.floor(Date.now() / 1_000);
    const all = await Promise.all(
      [
        new UnsecuredJWT({ ...claims, iss: issuer.url, aud: 'shiplog' }).setExpirationTime('5m').encode(),
        issuer.sign(claims, { key: stranger.privateKey }),
        issuer.sign({ ...claims, aud: 'other' }),
        issuer.sign({ ...claims, iss: 'https://other.example' }),
        issuer.sign({ ...claims, iss: `${issuer.url}/` }),
        issuer.sign(claims, { lives: '-10s' }),
        issuer.sign({ ...claims, nbf: now + 60 }),
        issuer.sign({ ...claims, repository_owner: 'evil' }),
        issuer.sign(nameless),
        issuer.sign(claims, { kid: 'unknown' }),
        `${header}.${Buffer.from(JSON.stringify({ ...claims, repository: 'octo/x' })).toString('base64url')}.${signature}`,
        `${header}.${payload}.`,
        `${header}.${payload}`,
        `${header}.x.${signature}`,
      ].map(status),
    );
    expect(all).toEqual(Array(14).fill(401));
    expect(await status(valid)).toBe(200);
  });

  it('is 401 where the public key is used as a shared secret', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(issuer.keys[0]!.publicKey));
    expect(await status(issuer.sign(claims, { alg: 'HS256', key: secret as never }))).toBe(401);
  });
});

describe('the keys of an issuer', () => {
  const withKeys = async (alg = 'ES256') => {
    const own = await new TestIssuer().start();
    await own.rotate(alg);
    const { oidcIssuers } = loadConfig({
      OIDC_ISSUERS: JSON.stringify([{ issuer: own.url, audience: 'shiplog', rules }]),
    });
    return { own, issuers: new Issuers(oidcIssuers as readonly OidcIssuer[], { cooldownMs: 0 }) };
  };
  const identify = async (issuers: Issuers, token: string) => issuers.identify(token, digestOf(token).toString('hex'));
  const claims = github('octo/shop');

  it('are fetched once, and a token that was verified is known at once', async () => {
    const { own, issuers } = await withKeys();
    const tokens = await Promise.all(['a', 'b', 'c'].map((jti) => own.sign({ ...claims, jti }, { alg: 'ES256' })));
    const found = await Promise.all(tokens.map((token) => identify(issuers, token)));
    expect(found.map((each) => each?.actor.id)).toEqual(Array(3).fill('oidc:octo/shop'));
    expect(issuers.identify(tokens[0]!, digestOf(tokens[0]!).toString('hex'))).toBe(found[0]);
    expect(own.fetched).toBe(1);
    own.server.close();
  });

  it('may be rotated: the new ones are fetched, the old ones are no longer good', async () => {
    const { own, issuers } = await withKeys();
    const [old] = own.keys;
    expect(await identify(issuers, await own.sign(claims, { alg: 'ES256' }))).toBeDefined();
    await own.rotate('EdDSA');
    expect(await identify(issuers, await own.sign(claims, { alg: 'EdDSA' }))).toBeDefined();
    expect(own.fetched).toBe(2);
    const late = await own.sign(claims, { alg: 'ES256', kid: old!.kid, key: old!.privateKey });
    expect(await identify(issuers, late)).toBeUndefined();
    own.server.close();
  });

  it('that cannot be had make it 503, and 401 only what no key could change; those that are known stay good', async () => {
    const { own, issuers } = await withKeys();
    own.isAway = true;
    const token = await own.sign(claims, { alg: 'ES256' });
    await expect(identify(issuers, token)).rejects.toMatchObject({
      code: 'unavailable',
      more: { headers: { 'retry-after': '2' } },
    });
    expect(
      await identify(issuers, await own.sign({ ...claims, iss: 'https://x.example' }, { alg: 'ES256' })),
    ).toBeUndefined();
    own.isAway = false;
    expect(await identify(issuers, token)).toBeDefined();
    own.isAway = true;
    await expect(identify(issuers, await own.sign(claims, { alg: 'ES256', kid: 'new' }))).rejects.toThrow();
    expect(await identify(issuers, await own.sign({ ...claims, jti: 'another' }, { alg: 'ES256' }))).toBeDefined();
    own.server.close();
  });

  it('vouch until the token expires, also for what goes on', async () => {
    const { own, issuers } = await withKeys();
    // Five seconds are granted to clocks that differ, and a busy machine needs some of them.
    const token = await own.sign(claims, { alg: 'ES256', lives: '-2s' });
    const identity = (await identify(issuers, token))!;
    expect(issuers.stillValid(identity)).toBe(true);
    const end = performance.now() + 10_000;
    while (issuers.stillValid(identity) && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(issuers.stillValid(identity)).toBe(false);
    expect(await identify(issuers, token)).toBeUndefined();
    own.server.close();
  });

  it('vouch by the clock of the database, whatever that of the machine says', async () => {
    const { own, issuers } = await withKeys();
    const [over, valid] = await Promise.all(['1h', '3h'].map((lives) => own.sign(claims, { alg: 'ES256', lives })));
    clock.compare(Date.now() + 7_200_000, Date.now());
    try {
      expect(await identify(issuers, over!)).toBeUndefined();
      expect(issuers.stillValid((await identify(issuers, valid!))!)).toBe(true);
    } finally {
      clock.compare(Date.now(), Date.now());
      own.server.close();
    }
  });
});
