import {
  evolve,
  evolveDeployment,
  initialTarget,
  parseSubject,
  withoutHistory,
  type Deployment,
  type PlacedEvent,
  type Target,
  type TargetEvent,
} from '#domain';
import { pagesOfStream, type StoredEvent } from '#event-store';

import type { EventMetadata, Outcome, Store } from './types.js';

/** Of events as large as they may be 40 MB, of a target whose events are small one read in most cases. */
const PAGE = 200;
const TARGET_STREAM = 'target:';
/** A deployment that recovers left the small state long ago: only the history takes it back from the beginning of a stream. */
const WITH_HISTORY = { history: true };

/** The state of a target before its first event, by the name of its stream. */
export function initialOf(stream: string, options?: { history?: boolean }): Target {
  const subject = stream.startsWith(TARGET_STREAM) ? parseSubject(stream.slice(TARGET_STREAM.length)) : undefined;
  if (subject === undefined) throw new TypeError(`Not the name of a target's stream: ${stream}`);
  return initialTarget(subject.project, subject.key, options);
}

/** A target with its history, folded from the log, and the last event of it. */
export type Folded = Readonly<{ target: Target; head: string | undefined }>;

/** Folds a whole stream from the log, however long it is, or goes on with a fold of its beginning. */
export async function foldTarget(store: Store, stream: string, begun?: Folded): Promise<Folded> {
  let { target, head } = begun ?? { target: initialOf(stream, WITH_HISTORY), head: undefined };
  for await (const event of eventsOf(store, stream, { after: target.version })) {
    target = evolve(target, placedEvent(event));
    head = event.id;
  }
  return { target, head };
}

/**
 * The target, and the deployment that each outcome concerns, as they stood after these accepted outcomes of one stream;
 * in one pass, for a stream may be long and many of its commands may be asked for at once.
 */
export async function foldAt(
  store: Store,
  stream: string,
  outcomes: readonly Outcome[],
): Promise<Map<Outcome, { target: Target; deployment: Deployment | null }>> {
  const wanted = outcomes.toSorted((a, b) => a.version - b.version);
  const deployments = new Map<number | null, Deployment | null>(wanted.map(({ number }) => [number, null]));
  const stood = new Map<Outcome, { target: Target; deployment: Deployment | null }>();
  let target = initialOf(stream, WITH_HISTORY);
  let next = 0;
  for await (const stored of eventsOf(store, stream, { upTo: wanted.at(-1)!.version })) {
    const event = placedEvent(stored);
    target = evolve(target, event);
    const number = numberOf(event);
    if (number !== null && deployments.has(number)) {
      deployments.set(number, evolveDeployment(deployments.get(number) ?? null, event));
    }
    for (; wanted[next]?.version === event.version; next += 1) {
      const outcome = wanted[next]!;
      stood.set(outcome, { target: withoutHistory(target), deployment: deployments.get(outcome.number) ?? null });
    }
  }
  return stood;
}

/** Number of the deployment that the event tells of; null for an event of the target. */
export const numberOf = ({ data }: TargetEvent): number | null => ('number' in data ? data.number : null);

type Range = Readonly<{ after?: number; upTo?: number }>;

async function* eventsOf(store: Store, stream: string, range: Range): AsyncGenerator<StoredEvent> {
  for await (const { events } of pagesOfStream((each) => store.readStream(stream, each), { ...range, limit: PAGE })) {
    yield* events;
    // Versions have no gaps.
    if (events.length < PAGE) return;
  }
}

/** A stored event as it is folded. */
export function placedEvent({ type, data, metadata, version, position, occurredAt }: StoredEvent): PlacedEvent {
  const { actor } = JSON.parse(metadata) as EventMetadata;
  return { type, data: JSON.parse(data), version, position, actor, occurredAt } as PlacedEvent;
}
