import type { StoredOutcome } from '#event-store';
import { until } from '../../../../test/support/until.js';
import { Inbox, type InboxParts } from '../inbox.js';
import { kafkaClient } from '../kafka-client.js';
import { type Harness, type Sent } from './harness.js';

const keyOf = (target: string): string => `web-shop/${target}`;

/** A command as bare JSON under its target's key. */
export const command = (type: string, target: string, more: object = {}): Sent => ({
  key: keyOf(target),
  value: JSON.stringify({ type, project: 'web-shop', target, data: {}, ...more }),
});

/** A target and what is finished on it: `count` commands with the ids `<target>-0`, `<target>-1` … */
export const deployments = (target: string, count: number): Sent[] => [
  command('CreateTarget', target, { commandId: `${target}-0` }),
  ...Array.from({ length: count - 1 }, (_, i) =>
    command('FinishDeployment', target, { commandId: `${target}-${i + 1}`, data: { version: `1.${i}` } }),
  ),
];

/** The ids of `deployments(target, count)`. */
export const idsOf = (target: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${target}-${i}`);

/** The commands topic of a harness, and the inboxes that read it. */
export class CommandsTopic {
  #produced = 0;
  readonly #running: Inbox[] = [];

  constructor(private readonly harness: Harness) {}

  start(more: Partial<InboxParts> = {}): Inbox {
    const { kafka, groupId, queue, actors, store, database } = this.harness;
    const rights = { projects: '*', trustActor: false } as const;
    const waist = { queue, actors };
    const inbox = new Inbox({
      client: () => kafkaClient(kafka),
      topicPrefix: kafka.topicPrefix,
      log: kafka.log,
      groupId,
      rights,
      waist,
      store,
      database,
      topics: this.harness.topics(),
      ...more,
    });
    this.#running.push(inbox);
    inbox.start();
    return inbox;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((inbox) => inbox.stop()));
  }

  async send(records: readonly Sent[]): Promise<void> {
    await this.harness.produce(this.harness.names.commands, records);
    this.#produced += records.length;
  }

  /** Every record that `send` sent is behind its offset. Markers of transactions and removed records count as sent. */
  async handled(): Promise<void> {
    const status = (): unknown => this.#running.map((inbox) => inbox.status());
    await until(async () => (await this.#next()) >= this.#produced, status, 60_000);
    this.#produced = await this.#next();
  }

  /** The outcomes of a target, or of all. */
  async outcomes(target?: string): Promise<StoredOutcome[]> {
    const all = await this.harness.store.readOutcomes(0, 100_000);
    return target === undefined ? all : all.filter(({ stream }) => stream === `target:${keyOf(target)}`);
  }

  async #next(): Promise<number> {
    const { rows } = await this.harness.database.query(
      'select coalesce(sum(next), 0)::integer as sum from command_offsets where topic = $1',
      [this.harness.names.commands],
    );
    return rows[0].sum;
  }
}
