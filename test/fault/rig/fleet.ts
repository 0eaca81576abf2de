import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../support/random.js';
import { type Replica, spawnReplica } from '../../support/replica.js';
import type { Exit, FailedStart, Stop } from '../checkers/index.js';

const AGAIN_MS = 300;
const GRACE_MS = 30_000;
const LOG_LINES = 20_000;
const HOURS = 3_600_000;
/** How far the clocks of replicas are off: each start of one draws anew. */
const SKEWS = [-2 * HOURS, 0, 2 * HOURS];

/**
 * What a replica loads first: every clock of its process that knows the date shows another time (what measures durations does
 * not), and it ends when the rig was killed and can end nothing.
 */
const preload = (skewMs: number): string => {
  const code = `const Real=Date,off=${skewMs},rig=process.ppid;
    globalThis.Date=new Proxy(Real,{
      construct:(t,a,n)=>Reflect.construct(t,a.length?a:[Real.now()+off],n),
      apply:()=>new Real(Real.now()+off).toString(),
      get:(t,k)=>k==='now'?()=>Real.now()+off:Reflect.get(t,k)});
    setInterval(()=>process.ppid===rig||process.exit(9),1000).unref();`;
  return `--import=data:text/javascript,${encodeURIComponent(code)}`;
};

/** One replica, kept up: it is started again whenever it ends, as a supervisor would. */
class Member {
  running: Replica | undefined;
  pid = 0;
  /** When the present process was started, in milliseconds since 1970. */
  startedAt = 0;
  /** Of all its processes, the last few thousand lines. */
  readonly log: string[] = [];
  private expected = false;
  private ended = false;
  private alive: Promise<void> = Promise.resolve();

  constructor(
    readonly number: number,
    private readonly spawn: () => ReturnType<typeof spawnReplica>,
    private readonly told: Readonly<{ exit(exit: Exit): void; startFailed(failed: FailedStart): void }>,
  ) {}

  start(): void {
    this.alive = this.keepUp();
  }

  /** Resolves with the exit code when the process has ended; the next one is started at once. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    this.expected = true;
    const exited = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    const [code] = (await exited) as [number | null];
    clearTimeout(late);
    return code;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  /** For good. One that has not started yet has nothing to end in order. */
  async stop(): Promise<number | null> {
    this.ended = true;
    const code = this.running ? await this.end('SIGTERM') : (await this.end('SIGKILL'), 0);
    await this.alive;
    return code;
  }

  private note(chunk: Buffer): void {
    this.log.push(...String(chunk).trim().split('\n'));
    if (this.log.length > LOG_LINES) this.log.splice(0, this.log.length - LOG_LINES);
  }

  private failedStart({ message }: Error): FailedStart {
    return { replica: this.number, start: this.startedAt, end: Date.now(), why: message };
  }

  private child: ReturnType<typeof spawnReplica>['process'] | undefined;

  private async keepUp(): Promise<void> {
    while (!this.ended) {
      this.expected = false;
      this.startedAt = Date.now();
      const { process: child, listening } = this.spawn();
      this.child = child;
      this.pid = child.pid ?? 0;
      const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
      child.stderr?.on('data', (chunk: Buffer) => this.note(chunk));
      try {
        this.running = await listening;
      } catch (error) {
        if (!this.expected) this.told.startFailed(this.failedStart(error as Error));
        await Promise.all([exited, pause(this.expected ? 0 : AGAIN_MS)]);
        continue;
      }
      const [code, signal] = await exited;
      const { log } = this.running;
      this.running = undefined;
      if (!this.expected) this.told.exit({ replica: this.number, reason: String(signal ?? code), log: log.slice(-30) });
    }
  }
}

/** The replicas of the built service, each a process that is started again whenever it ends. */
export class Fleet {
  readonly exits: Exit[] = [];
  readonly failedStarts: FailedStart[] = [];
  /** Of those that were told to end. */
  readonly stops: Stop[] = [];
  readonly members: readonly Member[];

  constructor(
    envs: readonly Record<string, string>[],
    private readonly random: Random,
    private readonly dist?: string,
  ) {
    this.members = envs.map((env, number) => this.member(number, env));
  }

  /** All at once: on an empty database all of them want to migrate it. */
  start(): void {
    for (const member of this.members) member.start();
  }

  /** Where a replica listens; that of another one while the one that was drawn is down. */
  anyUrl(): string | undefined {
    const up = this.members.flatMap(({ running }) => running?.url ?? []);
    return up[Math.floor(Math.random() * up.length)];
  }

  async kill(replica: number): Promise<number> {
    const { pid } = this.members[replica]!;
    await this.members[replica]!.end('SIGKILL');
    return pid;
  }

  async terminate(replica: number): Promise<void> {
    const member = this.members[replica]!;
    await this.noteStop(member, () => member.end('SIGTERM'));
  }

  /** A replica more, of one role, for as long as `work` takes. */
  async withAnother(env: Record<string, string>, work: () => Promise<void>): Promise<void> {
    const another = this.member(this.members.length, env);
    another.start();
    await work();
    await this.noteStop(another, () => another.stop());
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => this.noteStop(member, () => member.stop())));
  }

  private async noteStop({ running }: Member, stop: () => Promise<number | null>): Promise<void> {
    const at = performance.now();
    const code = await stop();
    this.stops.push({ ...(running ? { url: running.url } : {}), at, code });
  }

  private member(number: number, env: Record<string, string>): Member {
    const spawn = () => {
      const skew = SKEWS[Math.floor(this.random() * SKEWS.length)]!;
      return spawnReplica({ ...env, NODE_OPTIONS: preload(skew) }, this.dist);
    };
    return new Member(number, spawn, {
      exit: (exit) => this.exits.push(exit),
      startFailed: (failed) => this.failedStarts.push(failed),
    });
  }
}
