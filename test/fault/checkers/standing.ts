import { keyOfStream, presentDeployment } from '#contracts';
import { addMinutes, deadlinesOf, parseSubject, targetDecider, type PlacedEvent, type Target } from '#domain';
import { groupBy } from '#runtime';
import type { Logged } from './evidence.js';
import type { Overdue } from './timers.js';

const LATE_MS = 3_000;
const laterBy = (time: string, ms: number): string => addMinutes(time, ms / 60_000);

type Fold = Readonly<{ target: Target; early: string[] }>;

/** When what a target waits for is due, by kind and number. */
const dueOf = (target: Target, events: readonly Logged[]): Array<Omit<Overdue, 'stream'>> =>
  deadlinesOf(target).map((each) => {
    const { kind, number } = each;
    const deadline =
      each.kind === 'due' ? each.at : addMinutes(events[each.clockVersion - 1]!.recordedAt, each.afterMinutes);
    return { kind, number, deadline };
  });

/** The domain's own fold of a stream, and the time-outs in it of a clock that had been set anew. No part under test has a hand in it. */
const foldOf = (stream: string, events: readonly Logged[]): Fold => {
  const subject = parseSubject(stream.slice('target:'.length))!;
  const early: string[] = [];
  let target = targetDecider.initial(subject.project, subject.key, { history: true });
  for (const { type, data, metadata, version, position, occurredAt } of events) {
    const { actor } = JSON.parse(metadata) as Pick<PlacedEvent, 'actor'>;
    const body = JSON.parse(data) as { number: number; deadline?: string };
    const waits = body.deadline === undefined ? [] : dueOf(target, events);
    const isDue = waits.some(({ number, deadline }) => number === body.number && deadline === body.deadline);
    if (body.deadline !== undefined && !isDue)
      early.push(`${stream}/${version}: ${type} of ${body.deadline}, which nothing waited for any more`);
    target = targetDecider.evolve(target, {
      type,
      data: body,
      version,
      position,
      actor,
      occurredAt,
    } as unknown as PlacedEvent);
  }
  return { target, early };
};

/** What a log comes to: what is current on each target, as the compacted topic should have it, and what fired early, or is overdue. */
export type Standing = Readonly<{ current: Map<string, string | null>; overdue: Overdue[]; early: string[] }>;

/** Folds a whole log by the domain alone, and judges its deadlines by `now`, which is read of the database's clock before the log. */
export const standingOf = (log: readonly Logged[], now: string): Standing => {
  const current = new Map<string, string | null>();
  const overdue: Overdue[] = [];
  const early: string[] = [];
  for (const [stream, events] of groupBy(log, (event) => event.stream)) {
    const fold = foldOf(stream, events);
    const { target } = fold;
    const { project, key } = parseSubject(stream.slice('target:'.length))!;
    current.set(keyOfStream(stream), target.current && JSON.stringify(presentDeployment(project, key, target.current)));
    early.push(...fold.early);
    const late = dueOf(target, events).filter(({ deadline }) => laterBy(deadline, LATE_MS) < now);
    overdue.push(...late.map((each) => ({ stream, ...each })));
  }
  return { current, overdue, early };
};
