import { createHash } from 'node:crypto';
import { badInput } from '#contracts';

const SUM_LENGTH = 12;

/** Whether what stood in a cursor is a place of a list at all. */
export type IsPlace<Place> = (value: unknown) => value is Place;

/** The cursor of a page that begins behind a place. `list` is all that makes the list this one and no other: its route and filters. */
export function writeCursor(place: unknown, list: unknown): string {
  const text = JSON.stringify(place);
  return Buffer.concat([sumOf(text, list), Buffer.from(text)]).toString('base64url');
}

/** The place that a cursor stands for. Throws BadInput where it was changed, belongs to another list or holds no such place. */
export function readCursor<Place>(cursor: string, list: unknown, isPlace: IsPlace<Place>): Place {
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.subarray(SUM_LENGTH).toString();
  const isWhole = bytes.toString('base64url') === cursor && bytes.subarray(0, SUM_LENGTH).equals(sumOf(text, list));
  const place = isWhole ? parse(text) : undefined;
  if (!isPlace(place)) throw badInput('cursor', 'is not the cursor of a page of this list');
  return place;
}

// Finds mistakes, not forgers: who makes up a place is held to its shape, and to what he may see, like everybody.
const sumOf = (text: string, list: unknown): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([list, text]))
    .digest()
    .subarray(0, SUM_LENGTH);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
