import { describe, expect, it } from '@jest/globals';

import {
  create,
  deleteDeployment,
  deploymentOf,
  fail,
  finish,
  fold,
  given,
  refs,
  rollback,
  schedule,
  sentAt,
  start,
  timeOut,
  type Sending,
  type Stream,
} from '../testing/index.js';
import type { Violation } from './deployment.js';
import { evolve, lacks } from './evolve.js';
import { evolveDeployment } from './evolve-deployment.js';
import type { PlacedEvent } from './events.js';
import { findDeployment, inFlightOf, initialTarget, nextOf, withoutHistory } from './target.js';

const at = (minute: number) => `2026-11-20T10:${String(minute).padStart(2, '0')}:00.000000Z`;
const timeOuts = {
  hanging: { enabled: true, afterMinutes: 1 },
  failing: { enabled: true, afterMinutes: 2 },
};
const streamOf = (...past: Sending[]): Stream => given(...past).stream;

describe('a deployment', () => {
  it('keeps the times of its events', () => {
    const stream = streamOf(
      create(),
      schedule({ version: '1' }),
      start({ version: '1' }),
      finish({}),
      finish({ version: '2' }),
    );
    expect(deploymentOf(stream, 1)).toMatchObject({
      created: { version: 2, position: 1002 },
      createdAt: at(1),
      startedAt: at(2),
      finishedAt: at(3),
      endedAt: at(4),
      endedVersion: 5,
      actor: { id: 'ci', kind: 'service' },
    });
  });

  it('has not started anew when it comes back from hanging', () => {
    const stream = streamOf(create(timeOuts), start({ version: '1' }), timeOut(1, at(2)), start({}));
    expect(deploymentOf(stream, 1)).toMatchObject({ status: 'deploying', startedAt: at(1), clockVersion: 4 });
  });

  it('has not ended once it recovered', () => {
    const stream = streamOf(create(timeOuts), start({ version: '1' }), timeOut(1), finish({ version: '1' }));
    expect(deploymentOf(stream, 1)).toMatchObject({
      endedAt: null,
      endedVersion: null,
      failureReason: null,
      finishedAt: at(3),
    });
  });

  it('ended when it failed, also after it was current', () => {
    const stream = streamOf(create(), finish({ version: '1' }), fail({ number: 1, reason: 'burns' }));
    expect(deploymentOf(stream, 1)).toMatchObject({ finishedAt: at(1), endedAt: at(2), failureReason: 'burns' });
  });

  it('has all violations of its events, each once', () => {
    const { events } = streamOf(create(), finish({ version: '1' }), fail({ number: 1 }));
    const passing = (event: PlacedEvent | undefined, ...violations: Violation[]) =>
      ({ ...event, data: { ...event?.data, violations } }) as PlacedEvent;
    const first = evolveDeployment(null, passing(events[1], 'no_scheduled_deployment'));
    const second = evolveDeployment(first, passing(events[2], 'approval_required'));
    const third = evolveDeployment(second, passing(events[2], 'approval_required'));
    expect(third?.violations).toEqual(['no_scheduled_deployment', 'approval_required']);
  });

  it('happens when the sender says', () => {
    const stream = streamOf(create(), sentAt(at(40), start({ version: '1' })));
    expect(deploymentOf(stream, 1)).toMatchObject({ createdAt: at(40), startedAt: at(40) });
  });

  it('is folded alike for the state and for views, and is null once deleted', () => {
    const { events, whole } = streamOf(
      create(),
      finish({ version: '1' }),
      start({ version: '2' }),
      finish({}),
      deleteDeployment(1),
    );
    const view = (number: number) =>
      events.filter(({ data }) => 'number' in data && data.number === number).reduce(evolveDeployment, null);
    expect(view(1)).toBeNull();
    expect(view(2)).toEqual(findDeployment(whole, 2));
  });

  it('is not touched by the events of others', () => {
    const { events } = streamOf(create(), finish({ version: '1' }), finish({ version: '2' }));
    const first = evolveDeployment(null, events[1]!);
    expect(evolveDeployment(first, events[0]!)).toBe(first);
    expect(evolveDeployment(first, events[3]!)).toBe(first);
    expect(evolveDeployment(null, events[2]!)).toBeNull();
  });
});

describe('a target', () => {
  const stream = streamOf(
    create(timeOuts),
    start({ version: '1', commitRefs: refs('main@a') }),
    timeOut(1, at(2)),
    start({ version: '2', commitRefs: refs('x@a') }),
    timeOut(2, at(4)),
    schedule({ version: '3', commitRefs: refs('a') }),
    schedule({ version: '4', commitRefs: refs('b'), scheduledFor: at(50) }),
    schedule({ version: '5', commitRefs: refs('c'), scheduledFor: at(40) }),
  );

  it('shows the deploying one as in flight, else the newest hanging', () => {
    expect(inFlightOf(stream.target)).toMatchObject({ number: 2, status: 'hanging' });
    const { stream: next } = given(
      create(timeOuts),
      start({ version: '1' }),
      timeOut(1, at(2)),
      start({ version: '2' }),
    );
    expect(inFlightOf(next.target)).toMatchObject({ number: 2, status: 'deploying' });
    expect(inFlightOf(initialTarget('p', 't'))).toBeNull();
  });

  it('shows as next the scheduled one with the earliest time, else the oldest', () => {
    expect(nextOf(stream.target)).toMatchObject({ number: 5 });
    const untimed = streamOf(create(), schedule({ version: '1' }), schedule({ version: '2' }));
    expect(nextOf(untimed.target)).toMatchObject({ number: 1 });
    const scheduledFor = '2026-12-01T00:00:00.000000Z';
    const alike = streamOf(
      create(),
      schedule({ version: '1', scheduledFor }),
      schedule({ version: '2', scheduledFor }),
    );
    expect(nextOf(alike.target)).toMatchObject({ number: 1 });
    expect(nextOf(streamOf(create()).target)).toBeNull();
  });

  it('takes events only in order', () => {
    expect(() => evolve(stream.target, stream.events[3]!)).toThrow('does not follow version');
  });

  it('does not know what recovers without its history, and says so', () => {
    const { events } = streamOf(create(timeOuts), start({ version: '1' }), timeOut(1), finish({ version: '1' }));
    const small = fold(events.slice(0, 3));
    expect(lacks(small, events[2]!)).toBe(false);
    expect(lacks(small, events[3]!)).toBe(true);
    expect(() => evolve(small, events[3]!)).toThrow('with its history');
    expect(withoutHistory(fold(events, { history: true })).current).toMatchObject({ number: 1, startedAt: at(1) });
  });

  it('leaves earlier states as they were, the history too', () => {
    const { events } = streamOf(create(), start({ version: '1' }), finish({}));
    const before = fold(events.slice(0, 2), { history: true });
    const copy = structuredClone(before);
    evolve(before, events[2]!);
    expect(before).toEqual(copy);
  });

  it('stays small however long the history is', () => {
    const many = Array.from({ length: 60 }, (_, index) => [
      start({ version: `${index}` }),
      timeOut(2 * index + 1),
      finish({ version: `done ${index}` }),
    ]).flat();
    const { target } = streamOf(create(timeOuts), ...many);
    expect(target.timedOut).toHaveLength(50);
    expect(target.open).toEqual([]);
    expect(target.formerCurrent).toEqual({ number: 118, version: 'done 58', commitRefs: [] });
  });

  it('forgets which was current before when that one is deleted', () => {
    const { target } = streamOf(
      create(),
      finish({ version: '1' }),
      finish({ version: '2' }),
      rollback(),
      deleteDeployment(1),
    );
    expect(target.formerCurrent).toBeUndefined();
  });
});
