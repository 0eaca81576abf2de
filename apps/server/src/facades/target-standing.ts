import type { ApprovalRule, CommitRef, DeploymentEventData, Metadata, Status, TargetEventData } from '#domain';
import type { LastEvent } from './last-events.js';

/** A deployment as its last event left it. */
export type Known = Readonly<{
  number: number;
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
  rules(): readonly ApprovalRule[];
  /** Newest first. */
  deployments: readonly Known[];
  /** The id natively; undefined where the event that made it is not among those that were read. */
  idOf(known: Known): number | undefined;
}>;

/** From the last events of a stream, newest first. What was before the target was deleted is not taken up again. */
export function standingOf(events: readonly LastEvent[]): Standing {
  const deleted = events.findIndex(({ type }) => type === 'TargetDeleted');
  const created = events.findIndex(({ type }) => type === 'TargetCreated');
  const exists = events.length > 0 && (deleted === -1 || (created !== -1 && created < deleted));
  const told = (deleted === -1 ? events : events.slice(0, deleted)).filter(isOfDeployment);
  const found = new Map<number, Known | undefined>();
  for (const event of told) {
    const known = knownBy(event);
    if (!found.has(known.number)) found.set(known.number, event.type === 'DeploymentDeleted' ? undefined : known);
  }
  return {
    exists,
    version: events[0]?.version ?? 0,
    rules: () => rulesIn(events),
    deployments: [...found.values()].filter((each) => each !== undefined).sort((a, b) => b.number - a.number),
    idOf: ({ number }) => told.find((event) => makes(event, number))?.position,
  };
}

const isOfDeployment = ({ type }: LastEvent): boolean => type.startsWith('Deployment');

const makes = (event: LastEvent, number: number): boolean => {
  const { number: own, from } = JSON.parse(event.data) as DeploymentEventData;
  return own === number && from === null;
};

const rulesIn = (events: readonly LastEvent[]): readonly ApprovalRule[] => {
  const last = events.find(({ type }) => type.startsWith('Target'));
  return last ? (JSON.parse(last.data) as TargetEventData).settings.approvals : [];
};

const read = new WeakMap<LastEvent, Known>();

/** The same events are looked at by one report after the other. */
function knownBy(event: LastEvent): Known {
  const known = read.get(event) ?? knownOf(event);
  read.set(event, known);
  return known;
}

const knownOf = ({ data, occurredAt }: LastEvent): Known => {
  const { number, status, version, commitRefs, metadata, rule } = JSON.parse(data) as DeploymentEventData;
  const timedOut = rule === 'failing' && status === 'failed';
  return { number, status, version, commitRefs, metadata, timedOut, since: occurredAt };
};
