/** What begins like JSON is JSON, whatever `curl -d` says that it is. */
export const looksLikeJson = (bytes: Buffer): boolean => /^\s*[[{]/.test(bytes.subarray(0, 64).toString('latin1'));

/** A form as an object of texts; what is named several times, or as `name[]`, is a list. */
export function readForm(bytes: Buffer): Record<string, unknown> {
  const read = new Map<string, { values: string[]; isList: boolean }>();
  for (const [given, value] of new URLSearchParams(bytes.toString('utf8'))) {
    const name = given.replace(/\[\]$/, '');
    const member = read.get(name);
    // One list that grows: a copy for each value held the process for half a minute where a body was all one name.
    if (member) member.isList = member.values.push(value) > 1;
    else read.set(name, { values: [value], isList: name !== given });
  }
  return Object.fromEntries([...read].map(([name, { values, isList }]) => [name, isList ? values : values[0]]));
}

/** Texts, each to be passed over, and integers of more digits than JSON readers hold. */
const TEXT_OR_LONG = /"(?:[^"\\]|\\[^])*"?|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** JSON with its long integers as texts, for systems whose numbers have 64 bits; byte for byte the same otherwise. */
export function quoteLongIntegers(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  if (!/\d{16}/.test(text)) return bytes;
  const quoted = text.replace(TEXT_OR_LONG, (found) => (found.startsWith('"') ? found : `"${found}"`));
  return Buffer.from(quoted, 'latin1');
}
