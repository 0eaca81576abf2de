import { afterAll, beforeAll } from '@jest/globals';
import type { TestDatabase } from './database.js';
import { clientOf, startTestServer, testDatabase, TOKEN, type Start, type TestServer } from './server.js';

export type SuiteServer = TestServer & Readonly<{ database: TestDatabase }>;

/** A server for all tests of a suite, on a database of its own: there before the first of them, gone behind the last. */
export function suiteServer(env: Record<string, string> = {}, startServer?: Start): SuiteServer {
  let database: TestDatabase | undefined;
  let started: TestServer | undefined;
  beforeAll(async () => {
    database = await testDatabase();
    started = await startTestServer(database, env, startServer);
  });
  afterAll(async () => {
    await started?.server.close();
    await database?.drop();
  });
  return Object.defineProperty(served(() => started) as SuiteServer, 'database', { get: () => database ?? missing() });
}

/** For the stories of clients: the service at TEST_SERVICE_URL, else one as any suite has. */
export function storyServer(): TestServer {
  const url = process.env['TEST_SERVICE_URL'];
  if (!url) return suiteServer();
  let running: TestServer | undefined;
  beforeAll(async () => {
    running = await clientOf({ url, adminToken: TOKEN, close: () => Promise.resolve() });
  });
  return served(() => running);
}

const served = (running: () => TestServer | undefined): TestServer => ({
  get server() {
    return (running() ?? missing()).server;
  },
  get contract() {
    return (running() ?? missing()).contract;
  },
  call: (path, call) => (running() ?? missing()).call(path, call),
});

const missing = (): never => {
  throw new Error('The server of a suite is there from its first beforeAll on, not while its files are read.');
};
