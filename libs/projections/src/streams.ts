import { parseSubject } from '#domain';

const TARGET_STREAM = 'target:';

/** Project and key of the target whose stream this is. */
export const targetIn = (stream: string): { project: string; key: string } => {
  const subject = stream.startsWith(TARGET_STREAM) ? parseSubject(stream.slice(TARGET_STREAM.length)) : undefined;
  if (!subject) throw new Error(`Not the name of a target's stream: ${stream}`);
  return subject;
};
