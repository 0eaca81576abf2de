import { evolveDeployment, type Deployment } from '#domain';

import { toLogEvent, type Log, type LogEvent } from './log-events.js';

/** Versions that one statement looks at. */
const SPAN = 10_000;

/** Gives each event that recovers a deployment that deployment, as it stood just before. */
export const withRecovered = async (log: Log, events: LogEvent[]): Promise<LogEvent[]> => {
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
    const events = stretch.map(toLogEvent);
    life.unshift(events);
    for (const event of events) if ('from' in event.data && event.data.from === null) numbers.delete(numberOf(event));
  }
  return life.flat();
};

const numberOf = ({ data }: LogEvent): number => ('number' in data ? data.number : 0);
