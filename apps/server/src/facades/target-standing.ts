import type { ApprovalRule, CommitRef, DeploymentEventData, Metadata, Status, TargetEventData } from '#domain';
import type { LastEvent } from './last-events.js';

/** A deployment as its last event left it. */
export type Known = Readonly<{
  number: number;
  /** The id natively; undefined where the event that made it is not among those that were read. */
  id: number | undefined;
  status: Status;
  version: string;
  commitRefs: readonly CommitRef[];
  metadata: Metadata;
  /** It failed because nobody reported of it. */
  timedOut: boolean;
  since: string;
}>;

/** What the last events of a target say, as the log has them: no view has to follow first. */
export type Standing = Readonly<{
  exists: boolean;
  /** Version of the target that this is true of. */
  version: number;
  /** The approval rules of the target; none where they were set before what was read. */
  rules: readonly ApprovalRule[];
  /** Newest first. */
  deployments: readonly Known[];
}>;

/** From the last events of a stream, newest first. What was before the target was deleted is not taken up again. */
export function standingOf(events: readonly LastEvent[]): Standing {
  const deleted = events.findIndex(({ type }) => type === 'TargetDeleted');
  const created = events.findIndex(({ type }) => type === 'TargetCreated');
  const exists = events.length > 0 && (deleted === -1 || (created !== -1 && created < deleted));
  const found = new Map<number, Known | undefined>();
  const made = new Map<number, number>();
  for (const event of deleted === -1 ? events : events.slice(0, deleted)) {
    if (!event.type.startsWith('Deployment')) continue;
    const data = dataOf<DeploymentEventData>(event);
    if (data.from === null) made.set(data.number, event.position);
    if (!found.has(data.number))
      found.set(data.number, event.type === 'DeploymentDeleted' ? undefined : knownOf(data, event.occurredAt));
  }
  return {
    exists,
    version: events[0]?.version ?? 0,
    rules: rulesIn(events),
    deployments: [...found.values()]
      .filter((each) => each !== undefined)
      .map((each) => ({ ...each, id: made.get(each.number) }))
      .sort((a, b) => b.number - a.number),
  };
}

const read = new WeakMap<LastEvent, unknown>();

/** The same events are looked at by one report after the other. */
function dataOf<Data extends DeploymentEventData | TargetEventData>(event: LastEvent): Data {
  const data = read.get(event) ?? JSON.parse(event.data);
  read.set(event, data);
  return data as Data;
}

const rulesIn = (events: readonly LastEvent[]): readonly ApprovalRule[] => {
  const last = events.find(({ type }) => type.startsWith('Target'));
  return last ? dataOf<TargetEventData>(last).settings.approvals : [];
};

const knownOf = (data: DeploymentEventData, since: string): Known => ({
  number: data.number,
  id: undefined,
  status: data.status,
  version: data.version,
  commitRefs: data.commitRefs,
  metadata: data.metadata,
  timedOut: data.rule === 'failing' && data.status === 'failed',
  since,
});
