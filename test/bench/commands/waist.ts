import { CommandQueue, commandsMigrations, type Submission } from '#commands';
import { fingerprintOf } from '#contracts';
import { eventStoreMigrations, EventStore, migrate } from '#event-store';
import { createLogger, newId } from '#runtime';

import { compete } from './contender.js';

type Writer = Readonly<{ store: EventStore; queue: CommandQueue }>;

async function newWriter(connectionString: string): Promise<Writer> {
  const store = await EventStore.open({ connectionString });
  return { store, queue: new CommandQueue({ store, newId, log: createLogger() }) };
}

/** One writer, or several that know nothing of each other and get the commands in turn. */
compete(async (connectionString, count) => {
  await migrate(connectionString, [eventStoreMigrations, commandsMigrations]);
  const writers = await Promise.all(Array.from({ length: count }, () => newWriter(connectionString)));
  let sent = 0;
  return {
    prepare({ stream, command, context }): Submission {
      return { stream, commandId: newId(), fingerprint: fingerprintOf([command.type, command.data]), command, context };
    },
    async send(submission) {
      sent += 1;
      const { outcome } = await writers[sent % count]!.queue.submit(submission);
      if (outcome.outcome !== 'accepted') throw new Error(`${submission.command.type} was rejected: ${outcome.code}`);
      return outcome.events.length;
    },
    async close() {
      for (const { store, queue } of writers) {
        await queue.drain();
        await store.close();
      }
    },
  };
});
