import { groupBy } from '#runtime';
import { Findings, type Logged, type Span, type Violation } from './evidence.js';

type TimedOut = Readonly<{ number: number; deadline?: string; scheduledFor?: string | null }>;

const deadlineOf = ({ type, data }: Logged): (TimedOut & { due: string }) | undefined => {
  const body = JSON.parse(data) as TimedOut;
  const due = type === 'DeploymentDue' ? body.scheduledFor : body.deadline;
  return due == null ? undefined : { ...body, due };
};

/** T1, T2: each deadline has one event at most, and none before it has come by the clock that recorded it. */
export const checkDeadlines = (events: readonly Logged[]): Violation[] => {
  const found = new Findings();
  const timed = events.flatMap((event) => {
    const deadline = deadlineOf(event);
    return deadline ? [{ event, deadline }] : [];
  });
  for (const { event, deadline } of timed) {
    const { stream, version, type, recordedAt } = event;
    found.check(
      recordedAt >= deadline.due,
      'T2',
      () => `${stream}/${version}: ${type} at ${recordedAt}, due at ${deadline.due}`,
    );
  }
  for (const own of groupBy(events, ({ stream }) => stream).values()) firedOnce(found, own);
  return found.violations;
};

/** A time that is set anew, be it to the same moment, is another deadline: something lies between its event and the last one. */
const firedOnce = (found: Findings, own: readonly Logged[]): void => {
  const last = new Map<string, string>();
  for (const event of own) {
    const { number } = JSON.parse(event.data) as Partial<TimedOut>;
    const deadline = deadlineOf(event);
    const fired = deadline ? `${event.type} of ${deadline.due}` : '';
    const isAgain = deadline !== undefined && last.get(`${number}`) === fired;
    found.check(!isAgain, 'T1', () => `${event.stream}#${number}: ${fired} fired twice`);
    last.set(`${number}`, fired);
  }
};

/**
 * How late each time-out was recorded, in milliseconds behind its deadline, and behind the event before it in its stream, which
 * may have set that deadline. What lies within a fault does not count.
 */
export const latenessOf = (events: readonly Logged[], faults: readonly Span[]): Late[] => {
  const inOrder = faults.toSorted((a, b) => a.start - b.start);
  return [...groupBy(events, ({ stream }) => stream).values()].flatMap((own) =>
    own.flatMap((event, n) => {
      const deadline = deadlineOf(event);
      if (!deadline) return [];
      const from = Math.max(Date.parse(deadline.due), n > 0 ? Date.parse(own[n - 1]!.recordedAt) : 0);
      const ms = freeOf(inOrder, { start: from, end: Date.parse(event.recordedAt) });
      return [{ event: `${event.stream}/${event.version}`, ms }];
    }),
  );
};

export type Late = Readonly<{ event: string; ms: number }>;

/** The milliseconds of a span that no fault has a part in, of faults in the order in which they began. */
const freeOf = (faults: readonly Span[], { start, end }: Span): number => {
  let [free, at] = [0, start];
  for (const fault of faults) {
    if (fault.end <= at) continue;
    free += Math.max(0, Math.min(fault.start, end) - at);
    at = fault.end;
  }
  return free + Math.max(0, end - at);
};

/** T3: what is due is recorded within so many milliseconds, where nothing is wrong. */
export const checkLateness = (late: readonly Late[], withinMs: number): Violation[] => {
  const found = new Findings();
  for (const { event, ms } of late)
    found.check(ms <= withinMs, 'T3', () => `${event} was recorded ${ms} ms after it was due`);
  return found.violations;
};

/** A deadline that has come and gone while the deployment still waits. */
export type Overdue = Readonly<{ stream: string; number: number; kind: string; deadline: string }>;

/** T3: at the end nothing is due that has not been told. */
export const checkOverdue = (overdue: readonly Overdue[]): Violation[] => {
  const found = new Findings();
  for (const { stream, number, kind, deadline } of overdue) {
    found.add('T3', `${stream}#${number}: ${kind} was due at ${deadline}, and nothing came of it`);
  }
  return found.violations;
};
