import { alternativesOf, coreOf, enumOf, isObject, typesOf, type Schema } from './schemas.js';

/** Of a request, a new schema must take what the old one took; of an answer, it must promise what the old one promised. */
export type Direction = 'request' | 'answer';
/** The two documents that schemas refer into, and how deep each pair of names has been gone into. */
export type Between = Readonly<{ before: object; after: object; direction: Direction; seen: Set<string> }>;
type Pair = Readonly<{ before: Schema; after: Schema }>;

export const between = (before: object, after: object, direction: Direction): Between => ({
  before,
  after,
  direction,
  seen: new Set(),
});

/** What a schema that is `after` takes from those who rely on what it was `before`, each with where; empty when nothing. */
export function schemaBreaks(pair: Pair, documents: Between, where: string): string[] {
  const name = [pair.before['$ref'], pair.after['$ref'], documents.direction].join(' ');
  if (pair.before['$ref'] !== undefined) {
    if (documents.seen.has(name)) return [];
    documents.seen.add(name);
  }
  const before = coreOf(pair.before, documents.before);
  const after = coreOf(pair.after, documents.after);
  const at = (more: readonly string[]): string[] => more.map((each) => `${where}: ${each}`);
  return [
    ...at(typeBreaks(pair, documents)),
    ...at(valueBreaks({ before, after }, documents.direction)),
    ...at(limitBreaks({ before, after }, documents.direction)),
    ...memberBreaks({ before, after }, documents, where),
    ...alternativeBreaks({ before, after }, documents, where),
  ];
}

/** A request may come as any type that it could be; an answer may be no type that it could not. */
function typeBreaks({ before, after }: Pair, documents: Between): string[] {
  const was = typesOf(before, documents.before);
  const is = typesOf(after, documents.after);
  const [wide, narrow] = documents.direction === 'request' ? [is, was] : [was, is];
  // A schema without a type is any of them.
  if (wide.size === 0 || (narrow.size > 0 && [...narrow].every((type) => wide.has(type)))) return [];
  return [`was ${[...was].join(' or ') || 'anything'}, is ${[...is].join(' or ') || 'anything'}`];
}

/** Answers may have new values, as readers are told; requests may not lose any. */
function valueBreaks({ before, after }: Pair, direction: Direction): string[] {
  const was = enumOf(before);
  const is = enumOf(after);
  if (direction === 'answer') return answerValueBreaks(was, is);
  if (!is) return [];
  if (!was) return ['takes only some values'];
  return was.filter((value) => !is.includes(value)).map((value) => `no longer takes ${JSON.stringify(value)}`);
}

function answerValueBreaks(was: readonly unknown[] | undefined, is: readonly unknown[] | undefined): string[] {
  if (!was) return [];
  if (!is) return ['is no longer one of some values'];
  return was.some((value) => is.includes(value))
    ? []
    : [`is none of ${was.map((each) => JSON.stringify(each)).join()}`];
}

const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const EXACT = ['pattern', 'format', 'x-check', 'contentMediaType'];

/** A request must not meet a narrower limit, an answer not pass a limit that it kept to. */
function limitBreaks(pair: Pair, direction: Direction): string[] {
  const [kept, keeps] = direction === 'request' ? [pair.after, pair.before] : [pair.before, pair.after];
  const passes = (name: string, isWithin: (limit: number, value: number) => boolean): boolean =>
    kept[name] !== undefined && !(keeps[name] !== undefined && isWithin(kept[name] as number, keeps[name] as number));
  return [
    ...UPPER.filter((name) => passes(name, (limit, value) => value <= limit)),
    ...LOWER.filter((name) => passes(name, (limit, value) => value >= limit)),
    ...EXACT.filter((name) => kept[name] !== undefined && kept[name] !== keeps[name]),
  ].map((name) => `${name} was ${String(pair.before[name])}, is ${String(pair.after[name])}`);
}

function memberBreaks({ before, after }: Pair, documents: Between, where: string): string[] {
  const was = (before['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const is = (after['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const gone = Object.keys(was).filter((name) => !(name in is));
  const stayed = Object.keys(was).filter((name) => name in is);
  return [
    ...gone.map((name) => `${where}.${name}: is gone`),
    ...requiredBreaks({ before, after }, documents.direction).map((each) => `${where}.${each}`),
    ...stayed.flatMap((name) => schemaBreaks({ before: was[name]!, after: is[name]! }, documents, `${where}.${name}`)),
    ...innerBreaks({ before, after }, documents, where),
  ];
}

function requiredBreaks({ before, after }: Pair, direction: Direction): string[] {
  const was = (before['required'] ?? []) as readonly string[];
  const is = (after['required'] ?? []) as readonly string[];
  return direction === 'answer'
    ? was.filter((name) => !is.includes(name)).map((name) => `${name}: may be left out`)
    : is.filter((name) => !was.includes(name)).map((name) => `${name}: has become required`);
}

/** Items of lists, members without a name of their own, texts that hold JSON. */
function innerBreaks({ before, after }: Pair, documents: Between, where: string): string[] {
  if (
    documents.direction === 'request' &&
    before['additionalProperties'] !== false &&
    after['additionalProperties'] === false
  )
    return [`${where}: takes no further members`];
  return ['items', 'additionalProperties', 'contentSchema'].flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    return isObject(was) && isObject(is) ? schemaBreaks({ before: was, after: is }, documents, `${where}[]`) : [];
  });
}

/** Each alternative that there was has to find its like. */
function alternativeBreaks({ before, after }: Pair, documents: Between, where: string): string[] {
  const all = (before['allOf'] ?? []) as readonly Schema[];
  const allAfter = (after['allOf'] ?? []) as readonly Schema[];
  const parts = all.flatMap((part, index) =>
    allAfter[index] ? schemaBreaks({ before: part, after: allAfter[index] }, documents, where) : [`${where}: is less`],
  );
  const candidates = alternativesOf(after);
  const lost = alternativesOf(before).flatMap((alternative, index) => {
    let nearest: readonly string[] = [`${where}: an alternative is gone`];
    // Where nothing has moved, the first one that is looked at is its like.
    for (const each of new Set([...candidates.slice(index, index + 1), ...candidates])) {
      const fresh = { ...documents, seen: new Set(documents.seen) };
      const breaks = schemaBreaks({ before: alternative, after: each }, fresh, where);
      if (breaks.length === 0) return [];
      if (each === candidates[index] || breaks.length < nearest.length) nearest = breaks;
    }
    return [nearest];
  });
  return [...parts, ...lost.flat()];
}
