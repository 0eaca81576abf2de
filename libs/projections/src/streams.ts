import { parseSubject } from '#domain';

const TARGET_STREAM = 'target:';

type Place = Readonly<{ project: string; key: string }>;

/** Reading a name costs a microsecond, and the same ones are asked for again and again. */
const read = new Map<string, Place>();
const KEPT = 20_000;

/** Project and key of the target whose stream this is. */
export const targetIn = (stream: string): Place => {
  const known = read.get(stream);
  if (known) return known;
  const place = stream.startsWith(TARGET_STREAM) ? parseSubject(stream.slice(TARGET_STREAM.length)) : undefined;
  if (!place) throw new Error(`Not the name of a target's stream: ${stream}`);
  if (read.size === KEPT) read.clear();
  read.set(stream, place);
  return place;
};
