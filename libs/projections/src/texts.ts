const texts = new WeakMap<object, string>();

/** A value that several rows hold as JSON, spelled once. It must never change. */
export const jsonOf = (value: object): string => {
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
};
