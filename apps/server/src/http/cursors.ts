import { createHmac, timingSafeEqual } from 'node:crypto';
import { badInput } from '#contracts';

const MAC_LENGTH = 12;

/**
 * Cursors of pages: a place in a list, sealed with the list that it belongs to, so that one that was changed, or taken
 * to another list or another store, is refused and never read as some other place.
 */
export class Cursors {
  /** @param secret the same in every replica of one store */
  constructor(private readonly secret: string) {}

  /** `list` is everything that makes the list this one and no other: its route and filters. */
  write(place: unknown, list: unknown): string {
    const text = JSON.stringify(place);
    return Buffer.concat([this.seal(text, list), Buffer.from(text)]).toString('base64url');
  }

  /** Throws BadInput where the cursor is not one that `write` made for this list. */
  read(cursor: string, list: unknown): unknown {
    const bytes = Buffer.from(cursor, 'base64url');
    const text = bytes.subarray(MAC_LENGTH).toString();
    const isOurs =
      bytes.toString('base64url') === cursor &&
      bytes.length > MAC_LENGTH &&
      timingSafeEqual(bytes.subarray(0, MAC_LENGTH), this.seal(text, list));
    if (!isOurs) throw badInput('cursor', 'is not the cursor of a page of this list');
    return JSON.parse(text);
  }

  private seal(text: string, list: unknown): Buffer {
    return createHmac('sha256', this.secret)
      .update(JSON.stringify([list, text]))
      .digest()
      .subarray(0, MAC_LENGTH);
  }
}
