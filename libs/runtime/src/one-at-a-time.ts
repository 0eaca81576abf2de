/**
 * Asks one at a time, however many ask: whoever comes while an answer is under way shares the next one, which is asked for
 * behind all that he has seen. Rejects as `ask` does.
 */
export function oneAtATime<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => (underWay = ask().finally(() => (underWay = undefined)));
  const behind = async (before: Promise<T>): Promise<T> => {
    await before.catch(() => undefined);
    next = undefined;
    // One that somebody else has just begun is as new.
    return underWay ?? begin();
  };
  return () => {
    if (underWay === undefined) return begin();
    return (next ??= behind(underWay));
  };
}
