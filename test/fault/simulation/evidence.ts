import { keyOfStream, presentDeployment, presentOutcome } from '#contracts';
import { readOutcome } from '#commands';
import { addMinutes, deadlinesOf, parseSubject, targetDecider, type PlacedEvent, type Target } from '#domain';
import { groupBy } from '#runtime';
import type { StoredEvent } from '#event-store';
import type { Overdue, ToPublish, TopicRecord } from '../checkers/index.js';
import type { World } from './world.js';

const LATE_MS = 3_000;
const laterBy = (time: string, ms: number): string => addMinutes(time, ms / 60_000);

/** A topic's records, as one who reads all of it has them. */
export const recordsOf = ({ broker }: World, topic: string): TopicRecord[] =>
  (broker.topics.get(topic) ?? []).flatMap(({ records }, partition) =>
    records.map(({ offset, key, value, headers }) => ({
      ...{ partition, offset, key: String(key), value: value === null ? null : String(value) },
      ...{ id: String(headers['ce_id']), place: Number(String(headers['ce_sequence'])) },
    })),
  );

export const eventsToPublish = ({ log }: World): ToPublish[] =>
  log.events.map(({ position, stream, version, data }) => ({
    place: position,
    key: keyOfStream(stream),
    version,
    value: data,
  }));

export const outcomesToPublish = ({ log }: World): ToPublish[] =>
  log.outcomes.map((stored) => ({
    ...{ place: stored.seq, key: keyOfStream(stored.stream) },
    value: JSON.stringify(presentOutcome(readOutcome(stored))),
  }));

/** The domain's own fold of a stream: no part under test has a hand in it. */
const targetOf = (stream: string, events: readonly StoredEvent[]): Target => {
  const subject = parseSubject(stream.slice('target:'.length))!;
  let target = targetDecider.initial(subject.project, subject.key, { history: true });
  for (const { type, data, metadata, version, position, occurredAt } of events) {
    const { actor } = JSON.parse(metadata) as Pick<PlacedEvent, 'actor'>;
    target = targetDecider.evolve(target, {
      type,
      data: JSON.parse(data),
      version,
      position,
      actor,
      occurredAt,
    } as PlacedEvent);
  }
  return target;
};

/** What is current on each target, as the compacted topic should have it, and what is overdue by the clock of the database. */
export const standingOf = ({ log }: World): { current: Map<string, string | null>; overdue: Overdue[] } => {
  const current = new Map<string, string | null>();
  const overdue: Overdue[] = [];
  const now = log.now();
  for (const [stream, events] of groupBy(log.events, (event) => event.stream)) {
    const target = targetOf(stream, events);
    const { project, key } = parseSubject(stream.slice('target:'.length))!;
    current.set(keyOfStream(stream), target.current && JSON.stringify(presentDeployment(project, key, target.current)));
    for (const each of deadlinesOf(target)) {
      const deadline =
        each.kind === 'due' ? each.at : addMinutes(events[each.clockVersion - 1]!.recordedAt, each.afterMinutes);
      if (laterBy(deadline, LATE_MS) < now) overdue.push({ stream, number: each.number, kind: each.kind, deadline });
    }
  }
  return { current, overdue };
};
