import { CommandHandler, isExpectedVersionConflictError, type Event } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';

import { decide, evolve, initialTarget, type Actor, type PlacedEvent, type Target, type Time } from '#domain';

import { compete } from './contender.js';
import type { Work } from './workload.js';

type Stored = Event<string, PlacedEvent['data'], { actor: Actor; occurredAt: Time }>;

const CONNECTIONS = 64;

compete(async (connectionString) => {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS });
  const store = getPostgreSQLEventStore(connectionString, {
    connectionOptions: { pooled: true, pool },
    schema: { autoMigration: 'None' },
  });
  await store.schema.migrate();

  const handle = CommandHandler<Target, Stored>({
    initialState: () => initialTarget('', ''),
    evolve: (target, { type, data, metadata: { actor, occurredAt } }) =>
      evolve(target, { type, data, actor, occurredAt, version: target.version + 1, position: null } as PlacedEvent),
    // Commands that meet on one target: tried again at once until they are through, not three times 100 ms apart as by default.
    retry: {
      onVersionConflict: {
        retries: 10_000,
        minTimeout: 1,
        factor: 1,
        shouldRetryError: isExpectedVersionConflictError,
      },
    },
  });

  return {
    prepare: (work: Work) => work,
    async send({ stream, command, context }) {
      const { newEvents } = await handle(store, stream, (target) => {
        const decision = decide(target, command, context);
        if (!('events' in decision)) throw new Error(`${command.type} was not accepted`);
        const { actor, occurredAt } = context;
        return decision.events.map(({ type, data }) => ({ type, data, metadata: { actor, occurredAt } }) as Stored);
      });
      return newEvents.length;
    },
    async close() {
      await store.close();
      await pool.end();
    },
  };
});
