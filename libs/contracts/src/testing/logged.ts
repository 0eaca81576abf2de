import { streamOf, type PlacedEvent } from '#domain';
import { PROJECT, TARGET } from '#domain/testing';
import type { LoggedEvent } from '../cloud-events.js';

/** An event of the tests as the log keeps it, recorded when it happened. */
export const logged = (event: PlacedEvent): LoggedEvent => ({
  position: event.position!,
  stream: streamOf(PROJECT, TARGET),
  version: event.version,
  type: event.type,
  data: JSON.stringify(event.data),
  metadata: JSON.stringify({ actor: event.actor }),
  commandId: 'c',
  occurredAt: event.occurredAt,
  recordedAt: event.occurredAt,
});
