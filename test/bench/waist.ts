import { CommandQueue, commandsMigrations } from '#commands';
import { fingerprintOf } from '#contracts';
import { eventStoreMigrations, EventStore, migrate } from '#event-store';
import { createLogger, newId } from '#runtime';

import { serve } from './contender.js';

serve(async (connectionString) => {
  await migrate(connectionString, [eventStoreMigrations, commandsMigrations]);
  const store = await EventStore.open({ connectionString });
  const queue = new CommandQueue({ store, newId, log: createLogger() });
  return {
    // A fingerprint and an id of its own for each command, as the edges make them.
    async send({ stream, command, context }) {
      const fingerprint = fingerprintOf([command.type, command.data]);
      const { outcome } = await queue.submit({ stream, commandId: newId(), fingerprint, command, context });
      if (outcome.outcome !== 'accepted') throw new Error(`${command.type} was rejected: ${outcome.code}`);
      return outcome.events.length;
    },
    async close() {
      await queue.drain();
      await store.close();
    },
  };
});
