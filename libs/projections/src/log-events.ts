import {
  deploymentEventTypes,
  evolveDeployment,
  targetEventTypes,
  type Deployment,
  type EventType,
  type PlacedEvent,
  type Time,
} from '#domain';
import type { EventStore, StoredEvent } from '#event-store';

export type Log = Pick<EventStore, 'readAll' | 'readStream'>;

/**
 * An event of the log as the views fold it. One that recovers a deployment brings that deployment as it stood, because
 * a target's small state no longer holds what has ended.
 */
export type LogEvent = PlacedEvent & Readonly<{ stream: string; recordedAt: Time; recovers?: Deployment }>;

export const eventTypes: readonly EventType[] = [...targetEventTypes, ...deploymentEventTypes];

/** Versions that one statement looks at. */
const SPAN = 10_000;
const known: ReadonlySet<string> = new Set(eventTypes);

/** The log holds an event that this code cannot read, most likely written by a newer release. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType';
  constructor({ type, position }: StoredEvent) {
    super(
      `Event ${position} of the log has the unknown type ${type}: this release is older than the one that wrote it.`,
    );
  }
}

/** Events as they are stored to events as they are folded; throws UnknownEventType where one cannot be read. */
export const toLogEvents = async (log: Log, stored: readonly StoredEvent[]): Promise<LogEvent[]> => {
  const unknown = stored.find(({ type }) => !known.has(type));
  if (unknown) throw new UnknownEventType(unknown);
  return withRecovered(log, stored.map(parse));
};

/** The next events behind a position, up to one that this code cannot read; throws UnknownEventType when that is the first. */
export const readPage = async (log: Log, after: number, limit: number): Promise<LogEvent[]> => {
  const stored = await log.readAll(after, limit);
  const end = stored.findIndex(({ type }) => !known.has(type));
  return toLogEvents(log, end > 0 ? stored.slice(0, end) : stored);
};

const parse = (event: StoredEvent): LogEvent => {
  const { actor } = JSON.parse(event.metadata);
  const { type, stream, version, position, occurredAt, recordedAt } = event;
  return { type, data: JSON.parse(event.data), stream, version, position, actor, occurredAt, recordedAt } as LogEvent;
};

const withRecovered = async (log: Log, events: LogEvent[]): Promise<LogEvent[]> => {
  const recovered = new Map<LogEvent, Deployment>();
  const recoveries = events.filter(({ data }) => 'recoveredFrom' in data);
  for (const stream of new Set(recoveries.map((event) => event.stream))) {
    await recall(
      log,
      recoveries.filter((event) => event.stream === stream),
      recovered,
    );
  }
  if (recovered.size === 0) return events;
  return events.map((event) => (recovered.has(event) ? { ...event, recovers: recovered.get(event)! } : event));
};

/** Finds the deployments that these events of one stream recover, each as it stood just before. */
const recall = async (log: Log, recoveries: readonly LogEvent[], found: Map<LogEvent, Deployment>): Promise<void> => {
  const asked = new Map(recoveries.map((event) => [event.version, event]));
  const deployments = new Map<number, Deployment | null>();
  for (const event of await lifeOf(log, recoveries)) {
    const before = deployments.get(numberOf(event)) ?? null;
    if (before && asked.has(event.version)) found.set(asked.get(event.version)!, before);
    deployments.set(numberOf(event), evolveDeployment(before, event));
  }
};

/**
 * All events of these deployments up to the last of these, in order. They are looked for backwards, until each was created:
 * the stream may be very long, and mostly what recovers has failed not long ago.
 */
const lifeOf = async (log: Log, recoveries: readonly LogEvent[]): Promise<LogEvent[]> => {
  const { stream, version } = recoveries.at(-1)!;
  const numbers = new Set(recoveries.map(numberOf));
  const life: LogEvent[][] = [];
  for (let upTo = version; numbers.size > 0; upTo -= SPAN) {
    if (upTo <= 0) throw new Error(`Stream ${stream} lacks the events of its deployments ${[...numbers].join()}.`);
    const stretch = await log.readStream(stream, {
      after: Math.max(0, upTo - SPAN),
      upTo,
      members: { number: [...numbers] },
    });
    const events = stretch.map(parse);
    life.unshift(events);
    for (const event of events) if ('from' in event.data && event.data.from === null) numbers.delete(numberOf(event));
  }
  return life.flat();
};

const numberOf = ({ data }: LogEvent): number => ('number' in data ? data.number : 0);
