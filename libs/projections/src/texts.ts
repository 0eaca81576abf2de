import { LRUCache } from 'lru-cache';

/** Characters that each keeps at most, so that what is large makes room soon. */
const MOST_CHARACTERS = 2 ** 21;

/** Spells values that several rows hold, each once while it is recent. A value must never change. */
export const spelledOnce = <Value extends object>(spell: (value: Value) => string): ((value: Value) => string) => {
  const texts = new LRUCache<Value, string>({
    maxSize: MOST_CHARACTERS,
    sizeCalculation: ({ length }) => length,
    memoMethod: spell,
  });
  return (value) => texts.memo(value);
};

/** Reads JSON that is asked for again and again, each text once while it is recent. What is read must never be changed. */
export const readOnce = <Value extends object>(): ((text: string) => Value) => {
  const values = new LRUCache<string, Value>({
    maxSize: MOST_CHARACTERS / 2,
    sizeCalculation: (_, { length }) => length,
    memoMethod: (text) => JSON.parse(text) as Value,
  });
  return (text) => values.memo(text);
};
