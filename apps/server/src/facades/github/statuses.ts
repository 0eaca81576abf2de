import type { PresentedEvent } from '#contracts';
import type { Actor, DeploymentEventData } from '#domain';
import { isLeftAlone, recordedIn, type Report, type State } from './recorded.js';
import { impliedState } from './states.js';

/** A status of a deployment: one that was reported, or one that follows from what happened. Its id is the event's position. */
export type StatusSeen = Readonly<{
  id: number;
  state: State;
  at: string;
  actor: Actor;
  environment: string;
  report?: Report;
}>;

type Event = Readonly<{ event: PresentedEvent; data: DeploymentEventData }>;

/**
 * The statuses of a deployment by its events, oldest first. `leaves` says of the number of one that took its place
 * whether that was to leave its status as it was.
 */
export function statusesOf(events: readonly PresentedEvent[], leaves: (by: number) => boolean): StatusSeen[] {
  const seen: StatusSeen[] = [];
  let told: string | undefined;
  for (const event of events) {
    const data = event.data as DeploymentEventData;
    const { status: report } = recordedIn(data.metadata);
    const text = JSON.stringify(report);
    if (report && text !== told) seen.push({ ...placeOf({ event, data }), state: report.state, report });
    else if (data.from !== data.status) seen.push(...implied({ event, data }, seen.at(-1), leaves));
    told = text;
  }
  return seen;
}

/** None where that is what was told last. */
function implied({ event, data }: Event, last: StatusSeen | undefined, leaves: (by: number) => boolean): StatusSeen[] {
  const { target } = event;
  const { metadata, status, supersededBy } = data;
  const stays = isLeftAlone({ target, metadata }) || (supersededBy !== undefined && leaves(supersededBy));
  const failureReason = data.rule === 'failing' ? 'timeout' : null;
  const approval = event.type === 'DeploymentUnblocked' ? 'given' : 'not_asked';
  const state = impliedState({ status, metadata, failureReason, approval }, stays);
  return state === null || state === last?.state ? [] : [{ ...placeOf({ event, data }), state }];
}

const placeOf = ({ event, data }: Event): Omit<StatusSeen, 'state'> => ({
  id: event.position,
  at: event.occurredAt,
  actor: event.actor,
  environment: recordedIn(data.metadata).environment ?? event.target,
});
