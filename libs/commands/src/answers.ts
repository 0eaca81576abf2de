import { withoutHistory, type Deployment, type Target } from '#domain';
import type { StoredOutcome } from '#event-store';

import type { Decided, OutcomeBody } from './decide-one.js';
import { foldAt } from './fold.js';
import type { Answer, Outcome, Store } from './types.js';

/** The deployment that a command created learns its id, once the command is appended, up to `position`. */
export function placeCreated({ body, target: { version }, deployment }: Decided, position: number): void {
  const created = deployment?.created;
  if (created !== undefined && created.position === null && created.version > version - body.events.length) {
    created.position = position - (version - created.version);
  }
}

/** The answer to a command that was appended just now, up to `position`. */
export function answerOf(commandId: string, { body, target, deployment }: Decided, position: number): Answer {
  const outcome = outcomeAt(commandId, body, target.version, position);
  return answer(outcome, target.history === undefined ? target : withoutHistory(target), deployment);
}

/** The answers that were given to these outcomes of one stream when they were new, folded from the log in one pass. */
export async function answersAgain(store: Store, stored: readonly StoredOutcome[]): Promise<Answer[]> {
  const outcomes = stored.map(readOutcome);
  const accepted = outcomes.filter(({ outcome }) => outcome === 'accepted');
  const stood = accepted.length === 0 ? new Map() : await foldAt(store, stored[0]!.stream, accepted);
  return outcomes.map((outcome) => {
    const { target = null, deployment = null } = stood.get(outcome) ?? {};
    return answer(outcome, target, deployment);
  });
}

/** The answer for those who ask for no more than the outcome. */
export const onlyOutcome = (stored: StoredOutcome): Answer => ({
  outcome: readOutcome(stored),
  target: null,
  deployment: null,
});

/** An outcome as it was answered, from what the store keeps of it. */
export const readOutcome = ({ commandId, outcome, version, position }: StoredOutcome): Outcome => {
  const body = JSON.parse(outcome) as OutcomeBody;
  const read = outcomeAt(commandId, body, version, position);
  return body.traceparent === undefined ? read : { ...read, traceparent: body.traceparent };
};

const answer = (outcome: Outcome, target: Target | null, deployment: Deployment | null): Answer =>
  outcome.outcome === 'rejected' ? { outcome, target: null, deployment: null } : { outcome, target, deployment };

type Rejected = Required<Pick<OutcomeBody, 'code' | 'detail'>> & Pick<OutcomeBody, 'from'>;

function outcomeAt(commandId: string, body: OutcomeBody, version: number, position: number): Outcome {
  const { outcome, number, events: types } = body;
  const before = types.length - 1;
  const events = types.map((type, i) => ({ type, version: version - before + i, position: position - before + i }));
  if (outcome === 'accepted') return { commandId, outcome, number, position, version, events };
  const { code, detail, from } = body as Rejected;
  const reason = from === undefined ? { code, detail } : { code, detail, from };
  return { commandId, outcome, ...reason, number, position, version, events };
}
