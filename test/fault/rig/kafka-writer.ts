import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Producer } from '@platformatic/kafka';
import type { Attempt } from '../../support/history.js';
import type { Random } from '../../support/random.js';
import '../../support/with-resolvers.js';
import { drawPoison, drawWish, PROJECT, type SeenVersions } from './commands.js';
import { attemptOf } from './rest-writer.js';

const THINK_MS = 120;
const PATIENCE_MS = 10_000;
const FEW = 10;

/** A record of the commands topic; `acked` is how often the broker said that it has it. */
export type Sent = {
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly expectedVersion?: number;
  acked: number;
};

/** `both` are ids that were sent over HTTP too, as another command by the contract: one of the two is refused. */
export type KafkaHistory = Readonly<{ commands: Sent[]; poisons: Sent[]; both: Attempt[] }>;
export const emptyKafkaHistory = (): KafkaHistory => ({ commands: [], poisons: [], both: [] });

/** Where records go to, by a client that is not kafkajs, and what is sent over HTTP as well. */
export type CommandsTopic = Readonly<{
  brokers: string;
  topic: string;
  versions: SeenVersions;
  alsoByRest: (attempt: Attempt) => void;
}>;

/** A pipeline that publishes a few commands at a time, now and then twice, and now and then nonsense. */
export async function writeByKafka(
  history: KafkaHistory,
  to: CommandsTopic,
  random: Random,
  over: () => boolean,
): Promise<void> {
  while (!over()) {
    const few = Array.from({ length: 1 + Math.floor(random() * FEW) }, () => draw(history, to, random));
    await publish(to, few);
    if (random() < 0.1) await publish(to, few);
    await pause(THINK_MS * random() * 2);
  }
}

function draw(history: KafkaHistory, to: CommandsTopic, random: Random): Sent {
  const dice = random();
  if (dice < 0.03) {
    const poison = { id: '', key: `${PROJECT}/t1`, value: drawPoison(random), acked: 0 };
    history.poisons.push(poison);
    return poison;
  }
  const wish = to.versions.expectSome(drawWish(random), random);
  const { type, target, data, expectedVersion, occurredAt } = wish;
  const id = randomUUID();
  const value = JSON.stringify({ commandId: id, type, project: PROJECT, target, data, expectedVersion, occurredAt });
  const expected = expectedVersion === undefined ? {} : { expectedVersion };
  const command = { id, key: `${PROJECT}/${target}`, value, ...expected, acked: 0 };
  history.commands.push(command);
  if (dice < 0.05) {
    const attempt = attemptOf(wish, id);
    history.both.push(attempt);
    to.alsoByRest(attempt);
  }
  return command;
}

/** Whether the broker said that it has them; if not, nobody knows. */
export async function publish({ brokers, topic }: CommandsTopic, records: readonly Sent[]): Promise<boolean> {
  const producer = new Producer({
    clientId: 'pipelines',
    bootstrapBrokers: [brokers],
    autocreateTopics: false,
    connectTimeout: 3_000,
    timeout: PATIENCE_MS / 2,
    retries: 1,
  });
  const messages = records.map(({ key, value }) => ({ topic, key: Buffer.from(key), value: Buffer.from(value) }));
  const sent = producer.send({ messages, acks: -1 }).then(
    () => true,
    () => false,
  );
  const acked = await Promise.race([sent, pause(PATIENCE_MS, false, { ref: false })]);
  if (acked) for (const record of records) record.acked += 1;
  void Promise.race([sent, pause(PATIENCE_MS, undefined, { ref: false })])
    .then(() => producer.close(true))
    .catch(() => undefined);
  return acked;
}

/** Sends again what the broker may not have. */
export async function publishAgain(history: KafkaHistory, to: CommandsTopic): Promise<void> {
  for (let open = unsure(history); open.length > 0; open = unsure(history))
    if (!(await publish(to, open.slice(0, 100)))) await pause(500);
}

const unsure = ({ commands, poisons }: KafkaHistory): Sent[] =>
  [...commands, ...poisons].filter(({ acked }) => acked === 0);
