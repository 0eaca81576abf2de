import pg from 'pg';

import { parentOf, type Watched } from './usage.js';

/** Empty databases on the server of the run, dropped at its end. */
export class Databases {
  readonly #names: string[] = [];

  private constructor(
    private readonly admin: pg.Client,
    private readonly url: string,
    /** The server with all its backends; no processes where it runs on another machine. */
    readonly server: Watched,
  ) {}

  /** Runs `work`, which may make databases, and drops them whatever comes of it. */
  static async during<T>(databaseUrl: string, work: (databases: Databases) => Promise<T>): Promise<T> {
    const admin = new pg.Client({ connectionString: databaseUrl });
    await admin.connect();
    const { rows } = await admin.query<{ pid: number }>('select pg_backend_pid() as pid');
    const databases = new Databases(admin, databaseUrl, {
      title: 'PostgreSQL',
      pid: parentOf(rows[0]!.pid),
      tree: true,
    });
    try {
      return await work(databases);
    } finally {
      for (const name of databases.#names) await admin.query(`drop database if exists ${name} with (force)`);
      await admin.end();
    }
  }

  /** The address of a new one. */
  async create(name: string): Promise<string> {
    const database = `bench_${name}`;
    await this.admin.query(`drop database if exists ${database} with (force)`);
    await this.admin.query(`create database ${database}`);
    this.#names.push(database);
    const url = new URL(this.url);
    url.pathname = database;
    return url.href;
  }

  /** What the fill left to the disk is not what a round pays for. */
  async settle(): Promise<void> {
    await this.admin.query('checkpoint');
  }
}

/** As autovacuum would in a minute. */
export async function analyze(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}
