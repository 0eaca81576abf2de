import { RowParser, type Log, type LogEvent } from './log-events.js';
import { withRecovered } from './recoveries.js';

/** Events read at once, and how many bytes of them. */
const RANGE = 2_000;
const BYTES = 2 ** 23;
/** Ranges under way beside the one in hand. */
const AHEAD = 1;

/** `isFull`: there may be more behind them. */
export type LogPage = Readonly<{ events: readonly LogEvent[]; isFull: boolean }>;

type Events = Readonly<{ events: LogEvent[]; unreadable?: Error; isCut: boolean }>;

/** The events of a range, up to one that cannot be read. */
const readEvents = async (log: Log, after: number, limit: number): Promise<Events> => {
  const parser = new RowParser();
  const events: LogEvent[] = [];
  let unreadable: Error | undefined;
  const { isCut } = await log.readRows({ after, limit, maxBytes: BYTES }, (row) => {
    if (unreadable) return;
    try {
      events.push(parser.parse(row));
    } catch (error) {
      unreadable = error as Error;
    }
  });
  return { events, isCut, ...(unreadable && { unreadable }) };
};

/** The next events behind a position, up to one that this code cannot read; throws UnknownEventType when that is the first. */
export const readPage = async (log: Log, after: number, limit: number): Promise<LogPage> => {
  const { events, isCut, unreadable } = await readEvents(log, after, limit);
  if (unreadable && events.length === 0) throw unreadable;
  return { events: await withRecovered(log, events), isFull: isCut || events.length === limit };
};

/** The log behind a position in ranges, one read ahead of the one in hand; up to `upTo`, else up to where it ends now. */
export async function* readAhead(log: Log, after: number, upTo = Infinity): AsyncGenerator<readonly LogEvent[]> {
  let next = after;
  const read = () => {
    const [from, limit] = [next, Math.min(RANGE, upTo - next)];
    if (limit <= 0) return undefined;
    const events = readEvents(log, from, limit);
    // Positions have no gaps, so the next range is known before this one has come.
    next += limit;
    events.catch(() => undefined);
    return { from, limit, events };
  };
  const ahead = Array.from({ length: AHEAD + 1 }, read);
  for (let range = ahead.shift(); range; range = ahead.shift()) {
    let { from, limit } = range;
    for (let events = await range.events; ; events = await readEvents(log, from, limit)) {
      if (events.unreadable) throw events.unreadable;
      if (events.events.length > 0) yield await withRecovered(log, events.events);
      from += events.events.length;
      limit -= events.events.length;
      if (!events.isCut) break;
    }
    if (limit > 0) return;
    ahead.push(read());
  }
}
