import { toTime, type Time } from '#domain';

/** A moment as clients write it: RFC 3339, or another spelling that JavaScript knows (`+0000`). */
export function timeOf(text: string): Time | undefined {
  const millis = Date.parse(text);
  return toTime(text) ?? (Number.isNaN(millis) ? undefined : toTime(new Date(millis).toISOString()));
}
