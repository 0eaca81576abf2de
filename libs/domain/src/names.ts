/** Project and key, each percent-encoded: the Kafka key and CloudEvents subject of a target. Both must be well-formed Unicode. */
export const subjectOf = (project: string, key: string): string =>
  `${encodeURIComponent(project)}/${encodeURIComponent(key)}`;

/** The stream of a target. */
export const streamOf = (project: string, key: string): string => `target:${subjectOf(project, key)}`;

/** Project and key of a subject exactly as `subjectOf` spells it; undefined for any other text. */
export const parseSubject = (subject: string): { project: string; key: string } | undefined => {
  try {
    const [project = '', key = ''] = subject.split('/').map(decodeURIComponent);
    return project !== '' && key !== '' && subjectOf(project, key) === subject ? { project, key } : undefined;
  } catch {
    return undefined;
  }
};

/** Whether this may be the key of a project or target: domain.md, Words. */
export const isKey = (text: string): boolean =>
  // First, for what normalising takes grows with the square of a run of combining marks.
  isWithin(text, 200) &&
  text === text.trim() &&
  text === text.normalize('NFC') &&
  text !== '.' &&
  text !== '..' &&
  // Control characters, and surrogates that stand alone.
  !/[\p{Cc}\p{Cs}]/u.test(text);

const isWithin = (text: string, limit: number) => text !== '' && text.length <= 2 * limit && [...text].length <= limit;
