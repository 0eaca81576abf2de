import { CommandQueue } from '#commands';
import { fromEpochMillis, streamOf, type TargetCommand } from '#domain';
import { EventStore, migrate } from '#event-store';
import { createLogger, newId } from '#runtime';

import { migrations } from '../../../apps/server/src/server.js';
import { analyze } from './database.js';

export const PROJECT = 'bench';
export const targetKey = (index: number): string => `target-${index}`;

/** Targets that are deployed to so many times, all of them in turn. Answers the number of events. */
export async function fill(connectionString: string, targets: number, tenures: number): Promise<number> {
  await migrate(connectionString, migrations);
  const store = await EventStore.open({ connectionString });
  const queue = new CommandQueue({ store, newId, log: createLogger({ level: 'silent' }), maxQueued: targets });
  const send = (command: TargetCommand): Promise<unknown> =>
    queue.submit({
      stream: streamOf(PROJECT, command.target),
      commandId: newId(),
      fingerprint: Buffer.alloc(32),
      command,
      context: { actor: { id: 'ci', kind: 'service' }, occurredAt: fromEpochMillis(Date.now()) },
    });
  const everywhere = (make: (target: string) => TargetCommand): Promise<unknown> =>
    Promise.all(Array.from({ length: targets }, (_, index) => send(make(targetKey(index)))));
  await everywhere((target) => ({ type: 'CreateTarget', project: PROJECT, target, data: {} }));
  for (let tenure = 1; tenure <= tenures; tenure += 1) {
    const commitRefs = [{ repository: 'web-shop', branch: 'main', commit: `${tenure}`.padStart(40, 'a') }];
    const data = { version: `${tenure}.0.0`, commitRefs, metadata: { build: tenure } };
    await everywhere((target) => ({ type: 'StartDeployment', project: PROJECT, target, data }));
    await everywhere((target) => ({ type: 'FinishDeployment', project: PROJECT, target, data }));
  }
  const { position } = await store.head();
  await queue.drain();
  await store.close();
  await analyze(connectionString);
  return position;
}
