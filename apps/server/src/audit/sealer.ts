import { originOf, readSigner, type Signer } from '#audit';
import { isUnavailable, type EventStore, type Pool, type Queryable } from '#event-store';
import { Bell, type Logger, type Metrics } from '#runtime';
import { addKey, readKeys } from './audit-tables.js';
import { SealBroken, sealNext } from './seal.js';
import type { SigningKey } from './signing-key.js';

const LOOK_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

type Parts = Readonly<{
  store: Pick<EventStore, 'head' | 'readRows'>;
  pool: Pool;
  key: () => Promise<SigningKey>;
  metrics: Pick<Metrics, 'sealedEvents' | 'sealerErrors'>;
  log: Logger;
}>;

export type SealerStatus = Readonly<{
  /** `waiting`: the database is away. `halted`: a person has to act, and `reason` says what is wrong. */
  state: 'running' | 'waiting' | 'halted' | 'stopped';
  /** How far this process knows the log to be sealed. */
  position: number;
  reason: string | null;
}>;

/**
 * Seals the log as it grows: any number of replicas run one each, and whichever gets to it first seals a page. What it
 * signs it has read from the log in this moment; what does not fit to what was signed before halts it.
 */
export class Sealer {
  private readonly bell = new Bell();
  private running: Promise<void> | undefined;
  private stopping = false;
  private failures = 0;
  private signer: Signer | undefined;
  private said: SealerStatus = { state: 'running', position: 0, reason: null };

  constructor(private readonly parts: Parts) {
    // A series that is there from the start can be seen to grow.
    parts.metrics.sealerErrors.inc(0);
    parts.metrics.sealedEvents.inc(0);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Ends after the page that is under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.bell.ring();
    await this.running;
  }

  status(): SealerStatus {
    return this.said;
  }

  private async run(): Promise<void> {
    while (!this.stopping && this.said.state !== 'halted') {
      try {
        const more = await this.turn();
        this.failures = 0;
        if (!more) await this.bell.sleep(LOOK_MS);
      } catch (error) {
        await this.failed(error);
      }
    }
    if (this.said.state !== 'halted') this.said = { ...this.said, state: 'stopped' };
  }

  private async turn(): Promise<boolean> {
    const { store, pool, metrics } = this.parts;
    const { position: end } = await store.head();
    if (end === this.said.position && this.said.state === 'running') return false;
    const signer = (tx: Queryable, size: number): Promise<Signer> => this.signerFor(tx, size);
    const turn = await sealNext({ store, pool, signer, seen: this.said.position });
    const position = turn.kind === 'sealed' ? turn.size : this.said.position;
    this.said = { state: 'running', position, reason: null };
    if (turn.kind === 'taken') return false;
    metrics.sealedEvents.inc(turn.events);
    return turn.more;
  }

  /** A key that others took the place of signs no more, and one that was only found here takes nobody's place. */
  private async signerFor(tx: Queryable, size: number): Promise<Signer> {
    const { pem, given } = await this.keyOf();
    this.signer ??= readSigner(pem, originOf((await this.parts.store.head()).storeId));
    const { id: keyId, vkey } = this.signer;
    const keys = await readKeys(tx);
    const signing = keys.at(-1);
    if (signing?.vkey === vkey) return this.signer;
    if (keys.some((key) => key.vkey === vkey))
      throw new SealBroken(
        `Key ${keyId} signs no more: ${signing!.keyId} took its place. Give SHIPLOG_AUDIT_KEY that one.`,
      );
    if (signing && !given)
      throw new SealBroken(
        `Checkpoints are signed with key ${signing.keyId}, which this process has not. Give all replicas that one as ` +
          'SHIPLOG_AUDIT_KEY (audit-key.pem in the data directory of the one that made it), or a new one to take its place.',
      );
    await addKey(tx, { keyId, vkey, fromSize: size });
    this.parts.log.info({ keyId, from: size }, 'This key signs checkpoints from now on');
    return this.signer;
  }

  private async keyOf(): Promise<SigningKey> {
    try {
      return await this.parts.key();
    } catch (error) {
      throw new SealBroken(
        `The key that signs checkpoints can be neither read nor kept: ${(error as Error).message}. Give it as SHIPLOG_AUDIT_KEY.`,
        { cause: error },
      );
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (this.stopping) return;
    const { log, metrics } = this.parts;
    metrics.sealerErrors.inc();
    const reason = (error as Error).message;
    if (error instanceof SealBroken) {
      this.said = { ...this.said, state: 'halted', reason };
      log.fatal({ err: error }, 'The log is not sealed any further');
      return;
    }
    if (this.said.state !== 'waiting') log.warn({ err: error }, 'Sealing failed and is tried again');
    this.said = {
      ...this.said,
      state: 'waiting',
      reason: isUnavailable(error) ? reason : 'Sealing failed; the log of the process says why.',
    };
    this.failures += 1;
    await this.bell.sleep(Math.min(LOOK_MS * 2 ** Math.min(this.failures, 10), LONGEST_PAUSE_MS));
  }
}
