import { setTimeout as pause } from 'node:timers/promises';
import { createPool, type Pool } from '#event-store';
import { residentMegabytes } from '../../support/memory.js';
import type { CheckpointSample, Connections, Logged, OffsetSample, Weight } from '../checkers/index.js';
import type { Fleet } from './fleet.js';

const LEASES_MS = 100;
const SAMPLE_MS = 500;
const TAIL_MS = 5;
const LOOK_MS = 150;
const PATIENCE_MS = 3_000;

/** A lease that its holder left by dying, until somebody else has it. */
type Left = Readonly<{ name: string; pid: number; at: number }>;

/** `readyAt` is when a replica was first seen ready after it was not; undefined while it is not. */
type Readiness = { readyAt: number | undefined };

/** SQL that spells a moment as the service does. */
export const microseconds = (moment: string): string =>
  `to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const eventColumns = `position, stream, version, id::text, type, command_id as "commandId", data::text, metadata::text,
  ${microseconds('occurred_at')} as "occurredAt", ${microseconds('recorded_at')} as "recordedAt"`;

/** Reads the log as anybody would who knows SQL: events behind a position, in its order. */
export const readLog = async (pool: Pool, after: number, limit: number): Promise<Logged[]> =>
  (
    await pool.query<Logged>(`select ${eventColumns} from events where position > $1 order by position limit $2`, [
      after,
      limit,
    ])
  ).rows;

/** Looks at everything from outside while it runs: past all proxies, and without a line of the service. */
export class Watch {
  /** What a reader saw that knows nothing of the store but `position > last`. */
  readonly tailed: Logged[] = [];
  readonly offsets: OffsetSample[] = [];
  readonly checkpoints: CheckpointSample[] = [];
  /** Milliseconds from the death of a holder of a lease to the next one. */
  readonly takeOvers: number[] = [];
  readonly connections: Connections[] = [];
  readonly weights: Weight[] = [];
  readonly pool: Pool;
  private readonly readiness: Readiness[];
  private left: Left[] = [];
  private over = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly fleet: Fleet,
    databaseUrl: string,
  ) {
    this.pool = createPool({
      connectionString: databaseUrl,
      max: 6,
      applicationName: 'rig',
      statementTimeoutMs: PATIENCE_MS,
    });
    this.readiness = fleet.members.map(() => ({ readyAt: undefined }));
  }

  start(): void {
    const loops = [
      this.every(LEASES_MS, () => this.lookAtLeases()),
      this.every(SAMPLE_MS, () => this.sample()),
      this.every(SAMPLE_MS, async () => this.weigh()),
      this.every(TAIL_MS, () => this.tail()),
      ...this.fleet.members.map((_, n) => this.every(LOOK_MS, () => this.lookAt(n))),
    ];
    this.running = Promise.all(loops);
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.running;
  }

  /** Reads what came into the log since it was last looked at. */
  async catchUp(): Promise<void> {
    while (await this.tail());
  }

  /** When each replica was seen ready, by now and since it was last seen otherwise. */
  readySince(): (number | undefined)[] {
    return this.readiness.map(({ readyAt }) => readyAt);
  }

  /** What was seen before counts no more. */
  forgetReadiness(): void {
    for (const each of this.readiness) each.readyAt = undefined;
  }

  /** A process that may have held leases is dead. */
  async died(pid: number): Promise<void> {
    const at = performance.now();
    const held = await this.leases().catch(() => []);
    this.left.push(...held.filter((lease) => lease.pid === pid).map(({ name }) => ({ name, pid, at })));
  }

  /** Where the log ends, and how far it was published. */
  async standing(): Promise<{ position: number; published: number }> {
    const { rows } = await this.pool.query(
      `select position, coalesce((select position from checkpoints where name like 'kafka:%events'), 0) as published from log`,
    );
    return rows[0] as { position: number; published: number };
  }

  private async every(ms: number, look: () => Promise<unknown>): Promise<void> {
    // PostgreSQL or a replica is away now and then; that is what all this is for.
    for (; !this.over; await pause(ms)) await look().catch(() => undefined);
  }

  private async leases(): Promise<{ name: string; pid: number }[]> {
    const { rows } = await this.pool.query(
      `select name, split_part(holder, '/', 2)::int as pid from leases where expires_at > clock_timestamp()`,
    );
    return rows as { name: string; pid: number }[];
  }

  private async lookAtLeases(): Promise<void> {
    if (this.left.length === 0) return;
    const now = performance.now();
    const held = new Map((await this.leases()).map(({ name, pid }) => [name, pid]));
    this.left = this.left.filter(({ name, pid, at }) => {
      const holder = held.get(name);
      if (holder === undefined || holder === pid) return true;
      this.takeOvers.push(now - at);
      return false;
    });
  }

  private async sample(): Promise<void> {
    const offsets = await this.pool.query('select partition, next from command_offsets');
    const checkpoints = await this.pool.query('select name, position from checkpoints');
    const at = Date.now();
    // Looked at later, so that it is never less than it was then.
    const { rows } = await this.pool.query<{ position: number; seq: number }>('select position, seq from log');
    const { position, seq } = rows[0]!;
    for (const { partition, next } of offsets.rows as { partition: number; next: number }[]) {
      const before = this.offsets.findLast((sample) => sample.partition === partition);
      if (before?.next !== next) this.offsets.push({ partition, next, outcomes: seq, deadLetters: Infinity });
    }
    for (const each of checkpoints.rows as { name: string; position: number }[])
      this.checkpoints.push({ ...each, at, reached: each.name.endsWith('outcomes') ? seq : position });
    await this.countBackends();
  }

  private async countBackends(): Promise<void> {
    const { rows } = await this.pool.query<{ name: string; idle: number }>(
      `select application_name as name,
              case when state like 'idle in transaction%' then extract(epoch from clock_timestamp() - state_change) * 1000 else 0 end::float8 as idle
         from pg_stat_activity where application_name like 'shiplog%'`,
    );
    const idleMs = rows.filter(({ idle }) => idle > 0).map(({ name, idle }) => [name, idle] as const);
    this.connections.push({ at: Date.now(), count: rows.length, idleMs });
  }

  private weigh(): void {
    for (const { number: replica, pid, startedAt } of this.fleet.members) {
      const megabytes = residentMegabytes(pid);
      if (megabytes === undefined) continue;
      this.weights.push({ replica, pid, ageMs: Date.now() - startedAt, bytes: megabytes * 2 ** 20 });
    }
  }

  private async tail(): Promise<boolean> {
    const rows = await readLog(this.pool, this.tailed.at(-1)?.position ?? 0, 500);
    this.tailed.push(...rows);
    return rows.length > 0;
  }

  private async lookAt(n: number): Promise<void> {
    const url = this.fleet.members[n]!.running?.url;
    const isReady =
      url !== undefined &&
      (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) }).then(
        ({ status, body }) => body?.cancel().then(() => status === 200),
        () => false,
      ));
    const own = this.readiness[n]!;
    own.readyAt = isReady ? (own.readyAt ?? performance.now()) : undefined;
  }
}
