import { changed } from './answers.js';
import type { Statement } from './tables.js';
import { elementsOf } from './wire-values.js';

const WRITING =
  /^insert into (\w+) \(([\w,]+)\) select .* from unnest\(.*\) as row \([\w,]+\) on conflict \(([\w,]+)\) do update set ([\w,=. ]+)$/;

/** The key of a row as tables in memory have it. */
export const keyOf = (...values: readonly unknown[]): string => values.map(String).join('\0');

/** `writeRows` of the event store; undefined where it is not that. */
export const upsert = (text: string): Statement | undefined => {
  const match = WRITING.exec(text);
  if (!match) return undefined;
  const [, table = '', named = '', keyed = ''] = match;
  const [names, key] = [named.split(','), keyed.split(',')];
  return (tx, values) => {
    const columns = values.map(elementsOf);
    const count = columns[0]?.length ?? 0;
    for (let i = 0; i < count; i += 1) {
      const row = Object.fromEntries(names.map((name, n) => [name, columns[n]![i]]));
      const place = keyOf(...key.map((name) => row[name]));
      // What the statement does not name stays, or is what the table gives to a new row.
      tx.set(table, place, { ...(tx.get(table, place) ?? defaults[table]), ...row });
    }
    return changed(count);
  };
};

const defaults: Readonly<Record<string, object>> = { deployments: { shown: true } };
