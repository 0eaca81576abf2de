import { afterAll, beforeAll } from '@jest/globals';
import type { TestDatabase } from './database.js';
import { startTestServer, testDatabase, type TestServer } from './server.js';

export type SuiteServer = TestServer & Readonly<{ database: TestDatabase }>;

/** A server for all tests of a suite, on a database of its own: there before the first of them, gone behind the last. */
export function suiteServer(env: Record<string, string> = {}): SuiteServer {
  let database: TestDatabase | undefined;
  let started: TestServer | undefined;
  const running = (): TestServer => started ?? missing();
  beforeAll(async () => {
    database = await testDatabase();
    started = await startTestServer(database, env);
  });
  afterAll(async () => {
    await started?.server.close();
    await database?.drop();
  });
  return {
    get database() {
      return database ?? missing();
    },
    get server() {
      return running().server;
    },
    get contract() {
      return running().contract;
    },
    call: (path, call) => running().call(path, call),
  };
}

const missing = (): never => {
  throw new Error('The server of a suite is there from its first beforeAll on, not while its files are read.');
};
