import pg from 'pg';

import type { Queryable } from './pool.js';

/** Bits of `pg_trigger.tgtype`. */
const REFUSED = { insert: 4, delete: 8, update: 16 };

const mayNot = (right: keyof typeof REFUSED): string =>
  `exists (select from pg_trigger where tgrelid = c.oid and tgname = 'append_only' and tgtype::integer & ${REFUSED[right]} > 0)`;

/**
 * All tables of this schema but partitions: who writes by a partitioned table needs no right to its parts. The service may make
 * operators in this schema, and one that fits better than PostgreSQL's own would run in the name of who asks: so types are exact.
 */
const TABLES = `
  select relname as name, pg_get_userbyid(relowner) as owner,
         not ${mayNot('insert')} as insert, not ${mayNot('update')} as update, not ${mayNot('delete')} as delete
    from pg_class c
   where relnamespace = current_schema()::regnamespace::oid and relkind in ('r', 'p') and not relispartition`;

type TableRights = Readonly<{ name: string; owner: string; insert: boolean; update: boolean; delete: boolean }>;

/**
 * Lets the role of a service work on the tables of the role that migrates: it reads all and writes what their `append_only`
 * triggers leave to anybody, so that it can neither change nor remove an event. The `remade` it owns, for it makes them anew.
 * Nothing is done where both are one role. Throws what the database says where the one that migrates may not grant.
 */
export const grantService = async (client: pg.Client, service: string, remade: readonly string[]): Promise<void> => {
  const { rows } = await client.query('select current_user as me, current_schema() as home, current_database() as db');
  const [{ me, home, db }] = rows;
  if (me === service) return;
  const [role, schema, database] = [service, home, db].map(pg.escapeIdentifier);
  await client.query(`grant usage, create on schema ${schema} to ${role}`);
  await client.query(`grant create, temporary on database ${database} to ${role}`);
  const tables = await client.query<TableRights>(TABLES);
  for (const table of tables.rows.filter(({ owner }) => owner !== service)) {
    const name = pg.escapeIdentifier(table.name);
    await client.query(
      remade.includes(table.name)
        ? `alter table ${name} owner to ${role}`
        : `grant ${rightsOn(table).join()} on ${name} to ${role}`,
    );
  }
};

const rightsOn = (table: TableRights): string[] =>
  table.name === 'migrations'
    ? ['select']
    : ['select', ...(['insert', 'update', 'delete'] as const).filter((right) => table[right])];

/** Whether the role of this connection may change or remove what is recorded. */
export const mayChangeEvents = async (database: Queryable): Promise<boolean> => {
  const { rows } = await database.query(
    `select has_table_privilege('events', $1) or has_table_privilege('commands', $1) as may`,
    ['update, delete, truncate'],
  );
  return rows[0].may;
};
