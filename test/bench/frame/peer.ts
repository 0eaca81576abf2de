import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

/** What a process can be asked for; arguments and answers are JSON. */
export type Methods = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

type Ask = Readonly<{ id: number; method: string; argument: unknown }>;
type Reply = Readonly<{ id: number; answer?: unknown; error?: string }>;

/** The side of the process that is asked. It ends when it was told to close, or when its parent has gone. */
export function serve(open: (...args: string[]) => Promise<Methods & { close(): Promise<void> }>): void {
  const opened = open(...process.argv.slice(2));
  process.once('disconnect', () => process.exit());
  process.on('message', (ask: Ask) => void answer(ask).then((reply) => process.send!(reply)));

  async function answer({ id, method, argument }: Ask): Promise<Reply> {
    try {
      const methods = await opened;
      return { id, answer: await methods[method]!(argument as never) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }
}

export type PeerOptions = Readonly<{
  args?: readonly string[];
  nodeFlags?: readonly string[];
  env?: NodeJS.ProcessEnv;
}>;

/** A process of its own, for what would spoil the others' or must be measured alone. */
export class Peer<M extends Methods> {
  readonly #child: ChildProcess;
  readonly #replies = new EventEmitter();
  readonly #ended: Promise<never>;
  #asked = 0;

  constructor(module: URL, { args = [], nodeFlags = [], env = {} }: PeerOptions = {}) {
    this.#child = fork(module, [...args], { execArgv: [...nodeFlags], env: { ...process.env, ...env } });
    this.#child.on('message', (reply: Reply) => this.#replies.emit(String(reply.id), reply));
    this.#ended = once(this.#child, 'exit').then(([code]) =>
      Promise.reject(new Error(`${module.pathname} has ended with ${code}`)),
    );
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async ask<K extends keyof M & string>(
    method: K,
    ...[argument]: Parameters<M[K]>
  ): Promise<Awaited<ReturnType<M[K]>>> {
    this.#asked += 1;
    const id = this.#asked;
    const replied = once(this.#replies, String(id));
    this.#child.send({ id, method, argument } satisfies Ask);
    const [{ answer, error }] = (await Promise.race([replied, this.#ended])) as [Reply];
    if (error !== undefined) throw new Error(error);
    return answer as Awaited<ReturnType<M[K]>>;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.send({ id: 0, method: 'close', argument: undefined } satisfies Ask);
    const closed = once(this.#replies, '0');
    await Promise.race([closed, this.#ended]).catch(() => undefined);
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended.catch(() => undefined);
  }
}

/** Runs `work` with peers, and closes them whatever comes of it. */
export async function withPeers<T>(
  work: (open: <P extends { close(): Promise<void> }>(peer: P) => P) => Promise<T>,
): Promise<T> {
  const peers: Array<{ close(): Promise<void> }> = [];
  try {
    return await work((peer) => {
      peers.push(peer);
      return peer;
    });
  } finally {
    for (const peer of peers.toReversed()) await peer.close();
  }
}
