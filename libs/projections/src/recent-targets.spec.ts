import { describe, expect, it } from '@jest/globals';
import { create, finish, given, start } from '#domain/testing';

import type { LogEvent } from './log-events.js';
import { RecentTargets } from './recent-targets.js';

/** The events of one target, as they are read of the log. */
const story = (): LogEvent[] =>
  given(create(), start({ version: '1' }), finish({ version: '1' })).stream.events.map(
    (event, index) =>
      ({
        ...event,
        position: index + 1,
        stream: 'target:shop/web',
        recordedAt: event.occurredAt,
        bytes: 100,
      }) as LogEvent,
  );

const versions = (events: readonly LogEvent[]) => events.map(({ fold }) => fold?.after.version);

describe('the targets of the events read last', () => {
  it('take the next events from read to read, each with what was there before it', () => {
    const events = story();
    const targets = new RecentTargets();
    targets.fold(events.slice(0, 2));
    targets.fold(events.slice(2));
    expect(versions(events)).toEqual([1, 2, 3]);
    expect(events[0]!.fold!.before).toBeUndefined();
    expect(events[2]!.fold!.before).toBe(events[1]!.fold!.after);
  });

  it('leave what goes on behind something unknown to the view that has the state, and go on from there', () => {
    const [first, second, third] = story();
    const targets = new RecentTargets();
    targets.fold([second!]);
    expect(second!.fold).toBeUndefined();
    new RecentTargets().fold([first!, second!]);
    targets.fold([third!]);
    expect(third!.fold!.after.current).toMatchObject({ version: '1' });
  });

  it('do not go back with somebody who reads again what lies behind', () => {
    const events = story();
    const targets = new RecentTargets();
    targets.fold(events.slice(0, 2));
    const again = story();
    targets.fold(again.slice(0, 2));
    expect(versions(again)).toEqual([undefined, undefined, undefined]);
    targets.fold(events.slice(2));
    expect(versions(events)).toEqual([1, 2, 3]);
  });
});
