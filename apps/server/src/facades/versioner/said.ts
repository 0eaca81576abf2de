import type { Metadata, Status, Time } from '#domain';
import type { Event } from './read-event.js';
import { record, recordedIn, type Recorded } from './recorded.js';
import type { Known } from '../target-standing.js';

/** What a report says of a deployment, as a command takes it. */
export type Said = Readonly<{
  metadata: Metadata;
  externalLink?: Readonly<{ url: string }>;
  claimedBy?: Event['claimedBy'];
  occurredAt?: Time;
}>;

/** `becomes` is the status that the deployment has when this is known of it. What was said before and is not said now stays. */
export function said(event: Event, known: Known | undefined, becomes: Status, preflight?: string): Said {
  const { preflight: _, ...before }: Recorded = known ? recordedIn(known.metadata) : {};
  const recorded: Recorded = {
    ...before,
    ...event.recorded,
    extra_metadata: { ...before.extra_metadata, ...event.recorded.extra_metadata },
    status: event.status,
    while: becomes,
    ...(preflight === undefined ? {} : { preflight }),
  };
  return {
    metadata: record(known?.metadata ?? {}, recorded),
    ...(event.link === undefined ? {} : { externalLink: { url: event.link } }),
    ...sender(event),
  };
}

/** Who says so, and of when. */
export const sender = ({ claimedBy, endedAt }: Event): Pick<Said, 'claimedBy' | 'occurredAt'> => ({
  ...(claimedBy ? { claimedBy } : {}),
  ...(endedAt === undefined ? {} : { occurredAt: endedAt }),
});
