/** Which members an answer is to have: of each its own, null for all of them; `*` is every member that is not named. */
export type Fields = ReadonlyMap<string, Fields | null>;

const MAX_DEPTH = 32;

/** Reads `$fields`, as `id,target(key,current(*))`; undefined where it asks for everything, or is not written so. */
export function readFields(text: string | null): Fields | undefined {
  if (text === null || text.trim() === '') return undefined;
  const open: Array<Map<string, Fields | null>> = [new Map()];
  let last = '';
  for (const [token] of text.matchAll(/[(),]|[^(),]+/g)) {
    if (token === ',') continue;
    if (token === ')') open.pop();
    else if (token === '(') open.push(nested(open.at(-1), last));
    else open.at(-1)?.set((last = token.trim()), null);
    if (open.length === 0 || open.length > MAX_DEPTH) return undefined;
  }
  return open.length === 1 ? open[0] : undefined;
}

function nested(fields: Map<string, Fields | null> | undefined, name: string): Map<string, Fields | null> {
  const inner = new Map<string, Fields | null>();
  fields?.set(name, inner);
  return inner;
}

/** What of an answer is asked for. Clients tell by `className` what something is: it always stands. */
export function pick(value: unknown, fields: Fields | null | undefined): unknown {
  if (!fields || fields.size === 0) return value;
  if (Array.isArray(value)) return value.map((each) => pick(each, fields));
  if (typeof value !== 'object' || value === null) return value;
  const isAsked = (name: string): boolean => name === 'className' || fields.has(name) || fields.has('*');
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isAsked(name))
      .map(([name, member]) => [name, pick(member, fields.get(name))]),
  );
}
