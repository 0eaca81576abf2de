import { CommandQueue, commandsMigrations, type Submission } from '#commands';
import { fingerprintOf } from '#contracts';
import { eventStoreMigrations, EventStore, migrate } from '#event-store';
import { createLogger, newId } from '#runtime';

import { compete } from './contender.js';

compete(async (connectionString) => {
  await migrate(connectionString, [eventStoreMigrations, commandsMigrations]);
  const store = await EventStore.open({ connectionString });
  const queue = new CommandQueue({ store, newId, log: createLogger() });
  return {
    prepare({ stream, command, context }): Submission {
      return { stream, commandId: newId(), fingerprint: fingerprintOf([command.type, command.data]), command, context };
    },
    async send(submission) {
      const { outcome } = await queue.submit(submission);
      if (outcome.outcome !== 'accepted') throw new Error(`${submission.command.type} was rejected: ${outcome.code}`);
      return outcome.events.length;
    },
    async close() {
      await queue.drain();
      await store.close();
    },
  };
});
