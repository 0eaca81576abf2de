import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, mayChangeEvents, migrate, type Pool } from '#event-store';
import { createLogger } from '#runtime';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { API, newTarget, rowsOf, startTestServer, unique, type TestServer } from '../../../test/support/server.js';
import { runProjections } from './projections.js';
import { migrations } from './server.js';

const id = randomBytes(6).toString('hex');
const OWNER = `owner_${id}`;
const SERVICE = `service_${id}`;

let database: TestDatabase;
let owner: TestDatabase;
let service: TestDatabase;
let api: TestServer;
let asService: Pool;

const asRole = (role: string): TestDatabase => {
  const url = new URL(database.url);
  url.username = role;
  url.password = 'secret';
  return { ...database, url: url.href };
};

beforeAll(async () => {
  database = await createTestDatabase();
  const name = new URL(database.url).pathname.slice(1);
  await rowsOf(
    database,
    `create role ${SERVICE} login password 'secret'; create role ${OWNER} login password 'secret' in role ${SERVICE};
     alter database ${name} owner to ${OWNER}`,
  );
  [owner, service] = [asRole(OWNER), asRole(SERVICE)];
  await migrate(owner.url, migrations, service.url);
  await rowsOf(owner, 'update log set partition_size = 3');
  api = await startTestServer(service, { MIGRATION_DATABASE_URL: owner.url });
  asService = createPool({ connectionString: service.url, max: 1 });
});
afterAll(async () => {
  await asService.end();
  await api.server.close();
  await database.drop();
  const admin = await createTestDatabase();
  await rowsOf(admin, `drop role ${OWNER}; drop role ${SERVICE}`);
  await admin.drop();
});

describe('a service whose role does not own the log', () => {
  it('records, shows and seals, also into the next partition', async () => {
    const { project, path } = await newTarget(api);
    for (const version of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      await api.call(`${path}/start`, { body: { version } });
      const { headers } = await api.call(`${path}/finish`, { body: {} });
      const { body } = await api.call(`${path}/current?min_position=${headers.get('shiplog-position')}`);
      expect(body).toMatchObject({ version, status: 'current' });
    }
    const { body } = await api.call(`${API}/deployments?project=${project}`);
    expect(body.items.length).toBe(8);
    const parts = await rowsOf(database, `select from pg_inherits where inhparent = 'events'::regclass`);
    expect(parts.length).toBeGreaterThan(4);
    const sealed = async () => (await api.call(`${API}/status`)).body.sealer.position;
    while ((await sealed()) < body.items[0].id) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('makes a token, forgets a person, builds each view anew and finds none to differ', async () => {
    const token = await api.call(`${API}/tokens`, {
      body: { name: unique('ci'), scopes: ['deployments:read'], projects: ['*'] },
    });
    expect(token.status).toBe(201);
    expect((await api.call(`${API}/tokens/${token.body.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await api.call(`${API}/actors/nobody`, { method: 'DELETE' })).status).toBe(404);
    const lines: string[] = [];
    const env = { DATABASE_URL: service.url };
    const silent = createLogger({ level: 'silent' });
    for (const action of ['rebuild', 'verify'])
      expect(await runProjections([action], env, (line) => lines.push(line), silent)).toBe(true);
    expect(lines.length).toBeGreaterThan(6);
  });

  it('starts again, and a second one beside it', async () => {
    const both = await Promise.all([1, 2].map(() => startTestServer(service, { MIGRATION_DATABASE_URL: owner.url })));
    for (const { server, call } of both) {
      expect((await call('/health/ready')).status).toBe(200);
      await server.close();
    }
  });

  it('knows whether it owns the log, which is said at start', async () => {
    const asOwner = createPool({ connectionString: owner.url, max: 1 });
    expect([await mayChangeEvents(asService), await mayChangeEvents(asOwner)]).toEqual([false, true]);
    await asOwner.end();
  });

  it.each([
    `update events set type = 'x'`,
    'delete from events',
    'truncate events',
    'delete from events_1',
    `update events_1 set type = 'x'`,
    'drop table events',
    'drop table events_1',
    'alter table events disable trigger append_only',
    'alter table events_1 disable trigger append_only',
    'alter table events detach partition events_1',
    `update commands set outcome = '{}'`,
    'delete from commands',
    `update audit_checkpoints set note = ''`,
    'delete from audit_tiles',
    'alter table audit_tiles disable trigger grows',
    `update migrations set checksum = ''`,
    'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return null; end $$',
    `set session_replication_role = replica`,
  ])('cannot: %s', async (statement) => {
    await expect(asService.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it.each([
    ['a function', 'function format(text, bigint) returns text', 'pg_catalog.format($1, $2)', 'select'],
    [
      'an operator',
      'function ands(smallint, integer) returns integer',
      '$1::integer & $2',
      'create operator & (function = ands, leftarg = smallint, rightarg = integer)',
    ],
  ])(
    'gets nothing done in the name of the owner by %s that fits better than that of PostgreSQL',
    async (...planted) => {
      const [, declared, honest, use] = planted;
      const grants = `execute 'grant update, delete on events to ${SERVICE}'`;
      await asService.query(
        `create ${declared} language plpgsql as $$ begin ${grants}; return ${honest}; end $$; ${use}`,
      );
      await asService.query('select make_partition()');
      await migrate(owner.url, migrations, service.url);
      expect(await mayChangeEvents(asService)).toBe(false);
    },
  );
});
