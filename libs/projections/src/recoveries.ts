import { evolveDeployment, type Deployment } from '#domain';
import { pagesBackwards, pagesOfStream } from '#event-store';

import { toLogEvent, type Log, type LogEvent } from './log-events.js';

/** Events that one statement answers: they may be large. */
const PAGE = 200;
/** JSON of the events of what recovers. */
const HELD_BYTES = 8_000_000;

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
  for await (const event of lifeOf(log, recoveries)) {
    const before = deployments.get(numberOf(event)) ?? null;
    if (before && asked.has(event.version)) found.set(asked.get(event.version)!, before);
    deployments.set(numberOf(event), evolveDeployment(before, event));
  }
};

/**
 * All events of these deployments up to the last of these, in order. They are looked for backwards, until each was created: the
 * stream may be very long, and mostly what recovers has failed not long ago. More than can be held is read once more, forwards.
 */
async function* lifeOf(log: Log, recoveries: readonly LogEvent[]): AsyncGenerator<LogEvent> {
  const { stream, version: upTo } = recoveries.at(-1)!;
  const numbers = [...new Set(recoveries.map(numberOf))];
  const read = (range: Parameters<Log['readStream']>[1]) => log.readStream(stream, range);
  const asked = { upTo, members: { number: numbers }, limit: PAGE };
  const missing = new Set(numbers);
  const life: LogEvent[] = [];
  let [bytes, beginning] = [0, upTo];
  for await (const page of pagesBackwards(read, asked)) {
    for (const event of page.map(toLogEvent)) {
      bytes += event.bytes;
      if (bytes <= HELD_BYTES) life.push(event);
      if ('from' in event.data && event.data.from === null) missing.delete(numberOf(event));
      beginning = event.version;
    }
    if (missing.size === 0) break;
  }
  if (missing.size > 0) throw new Error(`Stream ${stream} lacks the events of its deployments ${[...missing].join()}.`);
  if (bytes <= HELD_BYTES) return yield* life.toReversed();
  for await (const { events } of pagesOfStream(read, { ...asked, after: beginning - 1 })) yield* events.map(toLogEvent);
}

const numberOf = ({ data }: LogEvent): number => ('number' in data ? data.number : 0);
