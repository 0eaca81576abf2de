/** What begins like JSON is JSON, whatever `curl -d` says that it is. */
export const looksLikeJson = (bytes: Buffer): boolean => /^\s*[[{]/.test(bytes.subarray(0, 64).toString('latin1'));

/** A form as an object of texts; what is named several times, or as `name[]`, is a list. */
export function readForm(bytes: Buffer): Record<string, unknown> {
  const read = new Map<string, unknown>();
  for (const [given, value] of new URLSearchParams(bytes.toString('utf8'))) {
    const name = given.replace(/\[\]$/, '');
    const before = read.get(name);
    const isList = name !== given || before !== undefined;
    read.set(name, isList ? [before ?? [], value].flat() : value);
  }
  return Object.fromEntries(read);
}
