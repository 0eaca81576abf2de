import pg from 'pg';

export type Pool = pg.Pool;

/** What a query can be sent to: a pool, or the client of a transaction. */
export type Queryable = {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows are as wide as SQL; the query says what they are.
  query(text: string, values?: unknown[]): Promise<{ rows: any[]; rowCount: number | null }>;
};

export type ConnectionOptions = Readonly<{ connectionString: string; applicationName?: string }>;

export type PoolOptions = ConnectionOptions &
  Readonly<{
    max: number;
    /** For pools whose statements work on whole tables; 30 seconds otherwise. */
    statementTimeoutMs?: number;
    /** After which a transaction that is sent nothing is rolled back by the server; 10 seconds otherwise. */
    idleTransactionMs?: number;
  }>;

const INT8 = 20;
const INT8_ARRAY = 1016;

/** A bigint as a number; throws where that would lose digits. */
const parseInt8 = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no position: it is above 2^53.`);
  return value;
};

const parseInt8Array = (text: string): number[] => (text === '{}' ? [] : text.slice(1, -1).split(',').map(parseInt8));

/** Parsers of one connection: pg's own, but for bigint. Its global ones stay as they are, other packages change them. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    if (oid === INT8) return parseInt8;
    if (oid === INT8_ARRAY) return parseInt8Array;
    return pg.types.getTypeParser(oid, format);
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/** How every connection is made; times are milliseconds. A statement ends on the server before the client gives it up. */
export const connectionConfig = (
  { connectionString, applicationName }: ConnectionOptions,
  statementTimeoutMs = 30_000,
): pg.ClientConfig => ({
  connectionString,
  application_name: applicationName ?? 'shiplog',
  types,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  connectionTimeoutMillis: 5_000,
  statement_timeout: statementTimeoutMs,
  query_timeout: statementTimeoutMs + 5_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 10_000,
});

const ignore = (): void => {};

/**
 * A pool of connections that outlives a restart of the database: broken ones are dropped and their callers get the error.
 * bigint comes as a number. Every wait has an end.
 */
export const createPool = (options: PoolOptions): Pool => {
  const { max, statementTimeoutMs, idleTransactionMs } = options;
  const config = connectionConfig(options, statementTimeoutMs);
  const idle = idleTransactionMs === undefined ? {} : { idle_in_transaction_session_timeout: idleTransactionMs };
  const pool = new pg.Pool({ ...config, ...idle, max, maxLifetimeSeconds: 3600 });
  // Without these two a connection that breaks, idle in the pool or between two queries of a transaction, ends the process.
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
};

/** Filters combine to many texts, and each connection holds what it keeps for as long as it lives. */
const MOST_PLANS = 100;
const plans = new WeakMap<Pool, Map<string, string>>();

/**
 * The same pool for statements whose texts are constants of the code: each connection keeps the plans of the first hundred of
 * them, which is worth it where to plan one takes as long as to run it.
 */
export const keepingPlans = (pool: Pool): Queryable => {
  const names = plans.get(pool) ?? new Map<string, string>();
  plans.set(pool, names);
  return {
    query(text, values = []) {
      if (names.size < MOST_PLANS && !names.has(text)) names.set(text, `p${names.size}`);
      const name = names.get(text);
      return pool.query(name === undefined ? { text, values } : { name, text, values });
    },
  };
};

/** Runs `work` in one transaction on one connection: committed when it returns, rolled back when it throws. */
export const inTransaction = async <T>(pool: Pool, work: (tx: Queryable) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    broken = false;
    return result;
  } catch (error) {
    broken = await client.query('rollback').then(
      () => false,
      () => true,
    );
    throw error;
  } finally {
    client.release(broken);
  }
};

const STIR_MS = 2_000;

/**
 * Waits for work that is done elsewhere while the transaction stays open. It is sent something now and then: the server takes
 * one that is sent nothing for that of a dead process, and this one lives.
 */
export const keepingOpen = async <T>(tx: Queryable, work: Promise<T>): Promise<T> => {
  // What is wrong with the connection is told by the next statement.
  const stirring = setInterval(() => void tx.query('select').catch(ignore), STIR_MS);
  try {
    return await work;
  } finally {
    clearInterval(stirring);
  }
};

/** The longest that a timer of Node waits. */
const LONGEST_MS = 2 ** 31 - 1;

/** A statement of a transaction that may take as long as it needs; those behind it as well. */
export const withoutTimeLimit = async (tx: Queryable, text: string): Promise<void> => {
  await tx.query(`set local statement_timeout = 0`);
  await (tx as unknown as pg.ClientBase).query({ text, query_timeout: LONGEST_MS } as pg.QueryConfig);
};
