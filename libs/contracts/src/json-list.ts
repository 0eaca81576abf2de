import { BadInput, badInput } from './bad-input.js';
import { decode, depthOf, endOfString, MAX_BYTES, NotJson, QUOTE, readText } from './json.js';

/** An item of a list as it was sent: its size, and its value or what is wrong with it. */
export type ListItem = Readonly<{ bytes: number } & ({ value: unknown } | { fault: BadInput })>;
export type ListLimits = Readonly<{ maxBytes: number; maxItems: number }>;

/**
 * Reads bytes as a JSON array of 1 to `maxItems` items, each held by itself to what `readJson` allows one body: a fault
 * of one is no fault of the others. Throws BadInput for what is no such array, and, when it comes to an item that is no
 * JSON, then. Each item is read when it is asked for: a few bytes can be many values.
 */
export const readJsonList = (bytes: Uint8Array, { maxBytes, maxItems }: ListLimits): Iterable<ListItem> => {
  const text = decode(bytes, 'body', maxBytes);
  const inner = /^[ \t\n\r]*\[/.exec(text);
  if (!inner) throw badInput('body', 'must be a JSON array');
  const texts = itemsOf(text, inner[0].length, maxItems);
  if (texts.length === 1 && /^[ \t\n\r]*$/.test(texts[0]!)) throw badInput('body', 'is an array without items');
  return itemsFrom(texts);
};

const COMMA = 0x2c;

/** The texts between the commas of the array whose bracket stands before `start`. */
const itemsOf = (text: string, start: number, maxItems: number): string[] => {
  const items: string[] = [];
  let depth = 1;
  let begins = start;
  let at = start;
  for (; at < text.length && depth > 0; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA && depth === 1) {
      items.push(text.slice(begins, at));
      begins = at + 1;
    } else depth += depthOf(code);
    if (items.length === maxItems) throw badInput('body', `has more than ${maxItems} items`);
  }
  if (depth > 0 || text[at - 1] !== ']' || !/^[ \t\n\r]*$/.test(text.slice(at))) throw badInput('body', 'is not JSON');
  items.push(text.slice(begins, at - 1));
  return items;
};

function* itemsFrom(texts: readonly string[]): Generator<ListItem> {
  for (const [index, text] of texts.entries()) yield readItem(text, index);
}

const readItem = (text: string, index: number): ListItem => {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) return { bytes, fault: badInput('command', `is larger than ${MAX_BYTES} bytes`) };
  try {
    return { bytes, value: readText(text, 'command') };
  } catch (error) {
    // What is no JSON at all makes the whole array none.
    if (error instanceof NotJson) throw badInput('body', `is not JSON (in item ${index})`);
    if (error instanceof BadInput) return { bytes, fault: error };
    throw error;
  }
};
