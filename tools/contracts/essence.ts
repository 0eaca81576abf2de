/** What documents say for people, and what nobody can rely on. */
const WORDS = new Set(['summary', 'description', 'example', 'examples', 'title', 'tags', 'license', 'externalDocs']);
/** Below these, names are of the contract's own making: a member may be called `description`. */
const NAMED = new Set([
  ...['paths', 'responses', 'schemas', 'content', 'callbacks', 'securitySchemes'],
  ...['properties', 'patternProperties', '$defs', 'channels', 'operations', 'messages', 'servers'],
]);

/** A contract without its words and examples: all that a later one is compared with. */
export function essenceOf(document: object): object {
  return strip(document, false) as object;
}

function strip(value: unknown, isNamed: boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => strip(each, false));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isNamed || !WORDS.has(name))
      .map(([name, inner]) => [name, strip(inner, !isNamed && isMap(name, inner))]),
  );
}

/** The headers of an answer are named one by one, those of a record are one schema. */
const isMap = (name: string, inner: unknown): boolean =>
  NAMED.has(name) || (name === 'headers' && (inner as { type?: unknown } | null)?.type !== 'object');
