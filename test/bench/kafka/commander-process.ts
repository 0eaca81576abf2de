import { setTimeout as sleep } from 'node:timers/promises';

import type { Message } from 'kafkajs';

import { subjectOf } from '#domain';
import { newId } from '#runtime';

import { PROJECT, targetKey } from '../frame/fill.js';
import { serve } from '../frame/peer.js';
import { clientOf, sending } from './topics.js';

const AT_ONCE = 1_000;
const LOOK_EVERY_MS = 5;
const QUIET_MS = 300;

type Run = Readonly<{
  commands: string;
  /** Topics, and how many records come to each for a command. */
  answers: ReadonlyArray<Readonly<{ topic: string; each: number }>>;
  count: number;
  targets: number;
}>;

/** Sends commands and looks, at the ends of other topics' partitions, when as many records have come there. */
const open = async (broker: string) => {
  const kafka = clientOf(broker);
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);
  let version = 0;
  const next = (targets: number): Message => {
    version += 1;
    const target = targetKey(version % targets);
    const commitRefs = [{ repository: 'web-shop', branch: 'main', commit: String(version).padStart(40, 'a') }];
    const data = { version: `${version}.0.0`, commitRefs };
    const command = { type: 'FinishDeployment', project: PROJECT, target, commandId: newId(), data };
    return { key: subjectOf(PROJECT, target), value: JSON.stringify(command) };
  };
  const recordsOn = async (topic: string): Promise<number> => {
    const ends = await admin.fetchTopicOffsets(topic);
    return ends.reduce((sum, { high }) => sum + Number(high), 0);
  };
  return {
    /** The seconds from the first command sent to the last record readable that answers one. */
    async run({ commands, answers, count, targets }: Run): Promise<number> {
      const messages = Array.from({ length: count }, () => next(targets));
      const wanted = await Promise.all(answers.map(async ({ topic, each }) => (await recordsOn(topic)) + each * count));
      const began = performance.now();
      for (let at = 0; at < count; at += AT_ONCE)
        await producer.send({ ...sending, topic: commands, messages: messages.slice(at, at + AT_ONCE) });
      for (const [i, { topic }] of answers.entries())
        while ((await recordsOn(topic)) < wanted[i]!) await sleep(LOOK_EVERY_MS);
      return (performance.now() - began) / 1_000;
    },
    /** Resolves when no more records come to a topic. */
    async quiet(topic: string): Promise<void> {
      for (let before = -1, now = await recordsOn(topic); now > before; now = await recordsOn(topic)) {
        before = now;
        await sleep(QUIET_MS);
      }
    },
    async close(): Promise<void> {
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    },
  };
};

export type CommanderMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((broker) => open(broker!));
