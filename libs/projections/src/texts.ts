import { LRUCache } from 'lru-cache';

/** Characters that are kept at most, so that what is large makes room soon. */
const MOST_CHARACTERS = 2 ** 22;

/** Spells values that several rows hold, each once while it is recent. A value must never change. */
export const spelledOnce = <Value extends object>(spell: (value: Value) => string): ((value: Value) => string) => {
  const texts = new LRUCache<Value, string>({ maxSize: MOST_CHARACTERS, sizeCalculation: ({ length }) => length });
  return (value) => {
    const known = texts.get(value);
    if (known !== undefined) return known;
    const text = spell(value);
    texts.set(value, text);
    return text;
  };
};
