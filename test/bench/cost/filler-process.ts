import { createHash } from 'node:crypto';

import { CommandQueue } from '#commands';
import { fromEpochMillis, streamOf, type TargetCommand } from '#domain';
import { EventStore, migrate } from '#event-store';
import { createLogger, newId } from '#runtime';

import { migrations } from '../../../apps/server/src/server.js';
import { PROJECT, targetKey } from '../frame/fill.js';
import { serve } from '../frame/peer.js';

const IN_FLIGHT = 500;

/** To each of so many targets so many deployments, started and finished, of so many repositories each. */
export type Deliveries = Readonly<{ targets: number; deployments: number; refs: number }>;
export type Delivered = Readonly<{ commands: number; events: number; cpuSeconds: number; seconds: number }>;

/** The waist alone, and who sends it what a pipeline would. */
const open = async (connectionString: string) => {
  await migrate(connectionString, migrations);
  const store = await EventStore.open({ connectionString });
  const queue = new CommandQueue({ store, newId, log: createLogger({ level: 'warn' }) });
  let delivered = 0;

  const send = async (command: TargetCommand): Promise<void> => {
    const { outcome } = await queue.submit({
      stream: streamOf(PROJECT, command.target),
      commandId: newId(),
      fingerprint: Buffer.alloc(32),
      command,
      context: { actor: { id: 'ci', kind: 'service' }, occurredAt: fromEpochMillis(Date.now()) },
    });
    if (outcome.outcome !== 'accepted') throw new Error(`${command.type} was rejected: ${outcome.code}`);
  };
  const measure = async (commands: Iterator<TargetCommand, void>): Promise<Delivered> => {
    const { position } = await store.head();
    const [before, began] = [process.cpuUsage(), performance.now()];
    let sent = 0;
    const lane = async (): Promise<void> => {
      for (let next = commands.next(); !next.done; next = commands.next()) {
        sent += 1;
        await send(next.value);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - began) / 1_000;
    return {
      commands: sent,
      events: (await store.head()).position - position,
      cpuSeconds: (user + system) / 1e6,
      seconds,
    };
  };
  function* deliveries({ targets, deployments, refs }: Deliveries): Generator<TargetCommand, void> {
    for (let count = 0; count < deployments; count += 1) {
      delivered += 1;
      const data = { version: `${delivered}.0.0`, commitRefs: refsOf(refs, delivered), metadata: { build: delivered } };
      for (const type of ['StartDeployment', 'FinishDeployment'] as const)
        for (let index = 0; index < targets; index += 1)
          yield { type, project: PROJECT, target: targetKey(index), data };
    }
  }
  function* targetsOf(targets: number): Generator<TargetCommand, void> {
    for (let index = 0; index < targets; index += 1)
      yield { type: 'CreateTarget', project: PROJECT, target: targetKey(index), data: {} };
  }
  return {
    create: (targets: number) => measure(targetsOf(targets)),
    deliver: (wanted: Deliveries) => measure(deliveries(wanted)),
    /** What is held for good, in bytes: asks for `--expose-gc`. */
    held: async (): Promise<number> => {
      globalThis.gc!();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
    close: async (): Promise<void> => {
      await queue.drain();
      await store.close();
    },
  };
};

const refsOf = (count: number, delivered: number) =>
  Array.from({ length: count }, (_, index) => ({
    repository: `web-shop-${index}`,
    branch: 'main',
    commit: createHash('sha1').update(`${delivered} ${index}`).digest('hex'),
  }));

export type FillerMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((connectionString) => open(connectionString!));
