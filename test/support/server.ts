import { randomUUID } from 'node:crypto';
import { pemOf } from '#audit/testing';
import { createPool } from '#event-store';
import { createLogger, loadConfig } from '#runtime';
import type { RunningServer } from '../../apps/server/src/server.js';
import { Contract } from './contract.js';
import { createTestDatabase, type TestDatabase } from './database.js';

declare global {
  /** The service as it ships, in one file: to load the sources of all of it takes Jest three times as long, in each spec. */
  var importService: () => Promise<typeof import('../../apps/server/src/main.js')>;
}

const shipped = await globalThis.importService();
export type Start = typeof shipped.startServer;

/** Of whoever may do everything; that of the service at TEST_SERVICE_URL, where the stories of clients are told to that. */
export const TOKEN = process.env['TEST_SERVICE_TOKEN'] ?? 'the-admin-token-of-the-tests';
export const API = '/api/v1';
/** One for all servers of a test: they share the log that they sign. */
export const AUDIT_KEY = pemOf('07'.repeat(32));

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at what came, whatever it is.
export type Loose = any;
export type Reply<B = Loose> = Readonly<{ status: number; headers: Headers; text: string; body: B }>;
export type Call = Readonly<{
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
  raw?: BodyInit;
  token?: string | null;
}>;

/** A server under test and a client of it, which throws when an answer is not as the server's own contract has it. */
export type TestServer = Readonly<{
  server: RunningServer;
  contract: Contract;
  call<B = Loose>(path: string, call?: Call): Promise<Reply<B>>;
}>;

export const testDatabase = (): Promise<TestDatabase> => createTestDatabase({ migrations: shipped.migrations });

/**
 * Starts the service with all roles and without Kafka on a database; `env` may say otherwise. A test that reaches into the
 * service gives `startServer` of the sources that it imports.
 */
export async function startTestServer(
  database: TestDatabase,
  env: Record<string, string> = {},
  startServer: Start = shipped.startServer,
): Promise<TestServer> {
  const config = loadConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    KAFKA_BROKERS: 'none',
    SHIPLOG_ADMIN_TOKEN: TOKEN,
    SHIPLOG_AUDIT_KEY: AUDIT_KEY,
    SHIPLOG_TICK_MS: '50',
    ...env,
  });
  const level = (process.env['TEST_LOG'] as 'debug' | undefined) ?? 'silent';
  return clientOf(await startServer(config, createLogger({ level })));
}

/** A client of a server that runs. */
export async function clientOf(server: RunningServer): Promise<TestServer> {
  const contract = await Contract.of(server.url);
  return { server, contract, call: (path, call) => send({ url: server.url, contract }, path, call) };
}

type Called = Readonly<{ url: string; contract: Contract }>;

async function send({ url, contract }: Called, path: string, call: Call = {}): Promise<Reply> {
  const content = call.raw ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const { method = content === undefined ? 'GET' : 'POST' } = call;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: headersOf(call),
    ...(content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  contract.check(method, path, { status: response.status, headers: response.headers, text });
  const isJson = text !== '' && /[/+]json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

const headersOf = ({ headers, body, token = TOKEN }: Call): Record<string, string> => ({
  ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...headers,
});

/** A name that no other test has. */
export const unique = (name: string): string => `${name}-${randomUUID()}`;

/** A project of its own with one target, and the paths to it. */
export async function newTarget(
  api: Pick<TestServer, 'call'>,
  more: object = {},
): Promise<{ project: string; path: string }> {
  const project = unique('project');
  const created = await api.call(`${API}/projects/${project}/targets`, { body: { key: 'production', ...more } });
  if (created.status !== 201) throw new Error(`No target: ${created.text}`);
  return { project, path: `${API}/projects/${project}/targets/production` };
}

/** The versions that are current in a project, by target, as GET /current has them once all that was written is in it. */
export async function currentIn({ call }: Pick<TestServer, 'call'>, project: string): Promise<Record<string, string>> {
  const { position } = (await call(`${API}/status`)).body;
  const path = `${API}/current?project=${encodeURIComponent(project)}&limit=200&min_position=${position}`;
  const { items } = (await call(path)).body;
  return Object.fromEntries(items.map(({ target, version }: Loose) => [target, version]));
}

/** Looks into the database behind the server's back. */
export async function rowsOf(
  { url }: Pick<TestDatabase, 'url'>,
  sql: string,
  values: unknown[] = [],
): Promise<Loose[]> {
  const pool = createPool({ connectionString: url, max: 1 });
  try {
    return (await pool.query(sql, values)).rows;
  } finally {
    await pool.end();
  }
}
