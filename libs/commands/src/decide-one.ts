import {
  decide,
  evolve,
  evolveDeployment,
  findDeployment,
  place,
  type DecidedEvent,
  type Deployment,
  type PlacedEvent,
  type Target,
} from '#domain';
import type { NewEvent } from '#event-store';

import { numberOf } from './fold.js';
import type { EventMetadata, Outcome, Submission } from './types.js';

/** What is kept of an outcome; its events are the last ones up to where the stream stood after it. */
export type OutcomeBody = Pick<Outcome, 'outcome' | 'code' | 'detail' | 'from' | 'number' | 'traceparent'> &
  Readonly<{ events: readonly string[] }>;

/** A command that was decided: what to append, and the target and the deployment that it concerned as they are after it. */
export type Decided = Readonly<{
  body: OutcomeBody;
  /** The JSON text of `body`, as it is kept. */
  outcome: string;
  events: readonly NewEvent[];
  target: Target;
  deployment: Deployment | null;
}>;

/** Decides one command on this state; undefined where only a state folded with its history will do. */
export function decideOne(before: Target, submission: Submission, newId: () => string): Decided | undefined {
  const decision = decide(before, submission.command, submission.context);
  if ('needs' in decision) return withoutHistoryOnly(before);
  if ('rejected' in decision) {
    const { rejected: code, detail, from } = decision;
    const reason = from === undefined ? { code, detail } : { code, detail, from };
    const body = traced({ outcome: 'rejected', ...reason, number: null, events: [] }, submission);
    return { body, outcome: JSON.stringify(body), events: [], target: before, deployment: null };
  }
  const { number } = decision;
  const { target, placed } = follow(before, decision.events, submission);
  const deployment = number === null ? null : deploymentAfter(before, target, number, placed);
  if (deployment === undefined) return withoutHistoryOnly(before);
  const body = traced({ outcome: 'accepted', number, events: placed.map(({ type }) => type) }, submission);
  return { body, outcome: JSON.stringify(body), events: toAppend(placed, submission, newId), target, deployment };
}

/** Rejections have no event to keep it in. */
const traced = (body: OutcomeBody, { traceparent }: Submission): OutcomeBody =>
  traceparent === undefined ? body : { ...body, traceparent };

/** Asked once more with the history that it was given, a decision would be asked for ever. */
function withoutHistoryOnly({ history, project, key }: Target): undefined {
  if (history !== undefined) throw new Error(`A decision on ${project}/${key} found no use for its history`);
}

/** The state that the events leave, and each of them at its place in the stream. */
function follow(
  before: Target,
  events: ReadonlyArray<DecidedEvent>,
  { context }: Submission,
): { target: Target; placed: PlacedEvent[] } {
  let target = before;
  const placed: PlacedEvent[] = [];
  for (const event of events) {
    const next = place(event, target.version + 1, context);
    target = evolve(target, next);
    placed.push(next);
  }
  return { target, placed };
}

/** Undefined where it is one that has ended, and so stands in the log alone. */
function deploymentAfter(
  before: Target,
  after: Target,
  number: number,
  events: readonly PlacedEvent[],
): Deployment | null | undefined {
  const open = findDeployment(after, number);
  if (open !== null) return open;
  const own = events.filter((event) => numberOf(event) === number);
  const known = findDeployment(before, number);
  if (known === null && !own.some(creates)) return undefined;
  return own.reduce<Deployment | null>(evolveDeployment, known);
}

const creates = ({ data }: PlacedEvent): boolean => 'from' in data && data.from === null;

function toAppend(
  placed: readonly PlacedEvent[],
  { context, traceparent }: Submission,
  newId: () => string,
): NewEvent[] {
  if (placed.length === 0) return [];
  const about: EventMetadata =
    traceparent === undefined ? { actor: context.actor } : { actor: context.actor, traceparent };
  const metadata = JSON.stringify(about);
  return placed.map(({ type, data, occurredAt }) => ({
    id: newId(),
    type,
    data: JSON.stringify(data),
    metadata,
    occurredAt,
  }));
}
