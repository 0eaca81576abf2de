import { toLogEvents, type Log, type LogEvent } from './log-events.js';

const RANGE = 2_000;
const AHEAD = 2;

/** The log behind a position in ranges, two read ahead of the one in hand; up to `upTo`, else up to where it ends now. */
export async function* readAhead(log: Log, after: number, upTo = Infinity): AsyncGenerator<LogEvent[]> {
  let next = after;
  const read = () => {
    const limit = Math.min(RANGE, upTo - next);
    if (limit <= 0) return undefined;
    const range = log.readAll(next, limit).then((stored) => ({ stored, isLast: stored.length < limit }));
    // Positions have no gaps, so the next range is known before this one has come.
    next += limit;
    range.catch(() => undefined);
    return range;
  };
  const ahead = Array.from({ length: AHEAD + 1 }, read);
  for (let range = ahead.shift(); range; range = ahead.shift()) {
    const { stored, isLast } = await range;
    if (stored.length > 0) yield toLogEvents(log, stored);
    if (isLast) return;
    ahead.push(read());
  }
}
