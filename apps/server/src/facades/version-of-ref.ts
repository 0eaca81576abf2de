const COMMIT = /^[0-9a-f]{7,64}$/i;
const SHORT = 12;

export const isCommit = (text: string): boolean => COMMIT.test(text);

/** The version where a dialect has none: the ref without what every branch or tag begins with, or the commit, shortened. */
export const versionOfRef = (ref: string): string =>
  isCommit(ref) ? ref.slice(0, SHORT) : ref.replace(/^refs\/(heads|tags)\/(?=.)/, '');
