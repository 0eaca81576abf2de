import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newSigningKey, verifyExport, type Verdict } from '#audit';
import { createPool, type Pool } from '#event-store';
import { audit, fillLog, sealUpTo } from '../../../../test/support/audit.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { API, startTestServer, testDatabase, type TestServer } from '../../../../test/support/server.js';

const COUNT = 2_000;
const tables = ['events', 'audit_tiles', 'audit_checkpoints', 'checkpoints'];

let database: TestDatabase;
let api: TestServer;
let superuser: Pool;
/** What somebody has put aside before anything happened. */
let held: string;

/** What whoever owns the database can do: triggers do not bind him. */
const tamper = async (...statements: readonly string[]): Promise<void> => {
  const client = await superuser.connect();
  try {
    await client.query('set session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.query('set session_replication_role = default');
    client.release();
  }
};

beforeAll(async () => {
  database = await testDatabase();
  await fillLog(database, COUNT);
  await sealUpTo(database, COUNT);
  superuser = createPool({ connectionString: database.url, max: 1 });
  await tamper(...tables.map((table) => `create table kept_${table} as select * from ${table}`));
  api = await startTestServer(database, { SHIPLOG_ROLES: 'api' });
  held = (await api.call(`${API}/audit/checkpoints`, { headers: { accept: 'text/plain' } })).text;
});
afterEach(() =>
  tamper(
    ...tables.flatMap((table) => [`delete from ${table}`, `insert into ${table} select * from kept_${table}`]),
    'delete from audit_keys where number > 1',
  ),
);
afterAll(async () => {
  await superuser?.end();
  await api?.server.close();
  await database?.drop();
});

const verdict = async (checkpoints?: string): Promise<Verdict> => audit(api, checkpoints);
/** By way of positions far away, as no two events have one. */
const AWAY = 1_000_000;
const renumber = (from: number, by: number): string[] => [
  `update events set position = position + ${AWAY + by} where position >= ${from}`,
  `update events set position = position - ${AWAY} where position > ${AWAY}`,
];

describe('a log that nobody tampered with', () => {
  it('is verified from its stored rows', async () => {
    expect(await verdict()).toMatchObject({ verdict: 'verified', first: 1, last: COUNT, anchored: COUNT });
    expect(held.match(/^\d+$/gm)).toEqual(['2000', '1000']);
  });
});

describe('rows of the database', () => {
  it.each<[string, string]>([
    ['data', `data = replace(data::text, '1.0', '1.1')::json`],
    ['spaces in data', `data = replace(data::text, ': ', ':')::json`],
    ['metadata', `metadata = '{"actor":{"id":"b","kind":"service"}}'`],
    ['stream', `stream = 'target:web-shop/another'`],
    ['version', 'version = version + 1000000'],
    ['id', 'id = gen_random_uuid()'],
    ['type', `type = 'DeploymentFinished'`],
    ['command', `command_id = 'another'`],
    ['time', `occurred_at = occurred_at - interval '1 microsecond'`],
    ['recorded time', `recorded_at = recorded_at + interval '1 microsecond'`],
  ])('with a byte of the %s changed are located', async (_what, change) => {
    await tamper(`update events set ${change} where position = 1234`);
    expect(await verdict()).toMatchObject({ verdict: 'differs', kind: 'changed', position: 1234 });
  });

  it('of which one in the middle was removed are located', async () => {
    await tamper('delete from events where position = 1234');
    expect(await verdict()).toMatchObject({ verdict: 'differs', kind: 'removed', position: 1234, anchored: 1000 });
  });

  it('of which the tail was cut are located', async () => {
    await tamper('delete from events where position > 1990');
    expect(await verdict()).toMatchObject({ verdict: 'differs', kind: 'cut', position: 1991, anchored: 1000 });
  });

  it('of which two were swapped are located', async () => {
    await tamper(
      `update events set position = ${AWAY} where position = 1234`,
      'update events set position = 1234 where position = 1500',
      `update events set position = 1500 where position = ${AWAY}`,
    );
    expect(await verdict()).toMatchObject({ verdict: 'differs', kind: 'swapped', position: 1234 });
  });

  const insert = `insert into events select 1234, recorded_at, occurred_at, gen_random_uuid(), 1000000, stream, type, 'forged', data, metadata
                    from events where position = 1233`;

  it('among which one was inserted are located', async () => {
    await tamper(...renumber(1234, 1), insert);
    expect(await verdict()).toMatchObject({ verdict: 'differs', kind: 'inserted', position: 1234 });
  });

  it('that were renumbered after one was removed are located', async () => {
    await tamper('delete from events where position = 1234', ...renumber(1235, -1));
    expect(await verdict()).toMatchObject({ verdict: 'differs', kind: 'removed', position: 1234 });
  });

  const forgetSeals = [
    'delete from audit_tiles',
    'delete from audit_checkpoints',
    `delete from checkpoints where name = 'audit'`,
  ];

  it('that were renumbered, with fresh hashes and checkpoints over them, are located by a checkpoint held outside', async () => {
    // So that as many are left as there were.
    await tamper('delete from events where position = 1234', ...renumber(1235, -1), ...forgetSeals);
    await tamper(`insert into events select 2000, recorded_at, occurred_at, gen_random_uuid(), 1000000, stream, type, 'forged', data, metadata
                    from events where position = 1999`);
    await sealUpTo(database, COUNT);
    expect(await verdict()).toMatchObject({ verdict: 'verified', anchored: COUNT });
    expect(await verdict(held)).toMatchObject({
      verdict: 'differs',
      kind: 'rewritten',
      position: 1001,
      anchored: 1000,
    });
  });

  it('that were rewritten as a whole, with fresh hashes and checkpoints, are located by a checkpoint held outside', async () => {
    await tamper(`update events set data = '{"number":1}'`, ...forgetSeals);
    await sealUpTo(database, COUNT);
    expect(await verdict()).toMatchObject({ verdict: 'verified', anchored: COUNT });
    expect(await verdict(held)).toMatchObject({ verdict: 'differs', kind: 'rewritten', position: 1, anchored: 0 });
  });

  it('that were rewritten by somebody who has not got the key cannot be signed as if by it', async () => {
    const { text: key } = await api.call(`${API}/audit/key`, { headers: { accept: 'text/plain' } });
    await tamper(`update events set data = '{"number":1}'`, ...forgetSeals);
    await sealUpTo(database, COUNT, newSigningKey());
    const { text: signed } = await api.call(`${API}/audit/checkpoints`, { headers: { accept: 'text/plain' } });
    const events = (async function* () {})();
    await expect(verifyExport({ events, checkpoints: signed, keys: key })).rejects.toThrow(/is not signed by a key/);
  });
});
