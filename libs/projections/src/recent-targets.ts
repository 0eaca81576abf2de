import { clocksAfter } from './deadlines.js';
import type { LogEvent } from './log-events.js';
import { bytesOfRow, recentRows } from './recent-rows.js';
import { evolveTarget, isFirst } from './target-states.js';

/** What the targets that are remembered may come to: an estimate, in bytes. */
const MOST_BYTES = 16 * 2 ** 20;

type Last = Pick<LogEvent, 'version' | 'recordedAt' | 'fold'>;

/**
 * The targets that events were read of last, as those have left them: what is read next is folded onto them once, before any view
 * asks for it. Of a target that was not seen, or not for long, the view that has its state folds the first event.
 */
export class RecentTargets {
  readonly #last = recentRows<Last>(MOST_BYTES);

  /** Folds the events, the next of the log in its order, onto what is known. */
  fold(events: readonly LogEvent[]): void {
    for (const event of events) {
      const { stream, version } = event;
      const last = this.#last.get(stream);
      // Somebody reads again what lies behind.
      if (last && last.version >= version) continue;
      foldOnto(last?.version === version - 1 ? last : undefined, event);
      this.#last.set(stream, withoutBefore(event), { size: bytesOfRow(event) });
    }
  }
}

/** The event itself is kept only while a view may still fold it. */
const withoutBefore = (event: LogEvent): Last => {
  const { version, recordedAt, fold } = event;
  return fold ? { version, recordedAt, fold: { ...fold, before: undefined } } : event;
};

const foldOnto = (last: Last | undefined, event: LogEvent): void => {
  const fold = last?.fold;
  if (!fold && !isFirst(event)) return;
  try {
    evolveTarget(fold?.after, event, fold && clocksAfter(fold.clocks, fold.after, last!));
  } catch {
    // The views that this event must be applied to stand still before it, and say why; others go on.
  }
};
