const AT_ONCE = 2;

/**
 * Makes one load of lookups that arrive together: in the same turn of the event loop, or while two loads are under way.
 * Each is answered with what the load found under its key, or undefined, and never from a load that began before it was asked.
 */
export const coalesce = <Key extends string | number, Value>(
  load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): ((key: Key) => Promise<Value | undefined>) => {
  let next: Batch<Key, Value> | undefined;
  let underWay = 0;

  const begin = (): void => {
    if (!next || underWay === AT_ONCE) return;
    const { keys, answer } = next;
    next = undefined;
    underWay += 1;
    const found = load([...keys]).finally(() => {
      underWay -= 1;
      begin();
    });
    answer(found);
  };

  return async (key) => {
    if (!next) {
      next = createBatch();
      setImmediate(begin);
    }
    next.keys.add(key);
    return (await next.found).get(key);
  };
};

type Found<Key, Value> = Promise<ReadonlyMap<Key, Value>>;
type Batch<Key, Value> = Readonly<{ keys: Set<Key>; found: Found<Key, Value>; answer(found: Found<Key, Value>): void }>;

const createBatch = <Key, Value>(): Batch<Key, Value> => {
  let answer!: (found: Found<Key, Value>) => void;
  const found: Found<Key, Value> = new Promise((resolve) => (answer = resolve));
  return { keys: new Set(), found, answer };
};
