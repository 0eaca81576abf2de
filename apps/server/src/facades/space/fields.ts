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
  return open.length === 1 ? (simplified(open[0]!) ?? undefined) : undefined;
}

/** `*` beside nothing that is narrowed asks for everything, as generated clients do unless told otherwise: null. */
function simplified(fields: Fields): Fields | null {
  const simple = new Map([...fields].map(([name, own]) => [name, own && simplified(own)]));
  return simple.has('*') && [...simple.values()].every((own) => own === null) ? null : simple;
}

/** Whether a member is asked for; before it stand those that it is within. */
export function asksFor(fields: Fields | undefined, ...path: readonly string[]): boolean {
  let within: Fields | null | undefined = fields;
  for (const name of path) {
    if (!within || within.size === 0) return true;
    if (!within.has(name) && !within.has('*')) return false;
    within = within.get(name);
  }
  return true;
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
  const picked: Record<string, unknown> = {};
  for (const name in value) {
    const isAsked = fields.has(name) || fields.has('*') || name === 'className';
    if (isAsked) picked[name] = pick((value as Record<string, unknown>)[name], fields.get(name));
  }
  return picked;
}
