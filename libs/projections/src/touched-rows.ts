import type { LogEvent } from './log-events.js';
import type { Definition } from './projection.js';

/** The events that change a row of the view, and beside each the key of its row. */
export const touchedRows = <Row, Item>(
  { when, rowOf }: Pick<Definition<Row, Item>, 'when' | 'rowOf'>,
  events: readonly LogEvent[],
): Readonly<{ pertinent: readonly LogEvent[]; keys: readonly string[] }> => {
  const pertinent: LogEvent[] = [];
  const keys: string[] = [];
  for (const event of events) {
    const key = when[event.type] && rowOf(event);
    if (key === undefined) continue;
    pertinent.push(event);
    keys.push(key);
  }
  return { pertinent, keys };
};
