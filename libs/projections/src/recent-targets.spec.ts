import { describe, expect, it } from '@jest/globals';
import { changeDeployment, create, finish, given, start, type Sending } from '#domain/testing';

import type { LogEvent } from './log-events.js';
import { RecentTargets } from './recent-targets.js';
import { evolveTarget } from './target-states.js';

/** The events of one target, as they are read of the log. */
const story = (...sent: readonly Sending[]): LogEvent[] =>
  given(...sent).stream.events.map(
    (event, index) =>
      ({
        ...event,
        position: index + 1,
        stream: 'target:shop/web',
        recordedAt: `2026-11-20T10:00:00.00000${index}Z`,
        bytes: 100,
      }) as LogEvent,
  );
const deployed = [create(), start({ version: '1' }), finish({ version: '1' })];

const versions = (events: readonly LogEvent[]) => events.map(({ fold }) => fold?.after.version);

describe('the targets of the events read last', () => {
  it('take the next events from read to read, each with what was there before it', () => {
    const events = story(...deployed);
    const targets = new RecentTargets();
    targets.fold(events.slice(0, 2));
    targets.fold(events.slice(2));
    expect(versions(events)).toEqual([1, 2, 3]);
    expect(events[0]!.fold!.before).toBeUndefined();
    expect(events[2]!.fold!.before).toBe(events[1]!.fold!.after);
  });

  it('leave what goes on behind something unknown to the view that has the state, and go on from there', () => {
    const [first, second, third] = story(...deployed);
    const targets = new RecentTargets();
    targets.fold([second!]);
    expect(second!.fold).toBeUndefined();
    new RecentTargets().fold([first!, second!]);
    targets.fold([third!]);
    expect(third!.fold!.after.current).toMatchObject({ version: '1' });
  });

  it('bring the clocks of what was in flight before, once each of them was seen to be set', () => {
    const clocks = (events: readonly LogEvent[]) => events.map(({ fold }) => fold?.clocks);
    const sent = [create(), start({ version: '1' }), changeDeployment({ number: 1, description: 'x' })];
    const all = story(...sent, finish({ version: '1' }), start({ version: '2' }));
    new RecentTargets().fold(all);
    const set = { 1: all[1]!.recordedAt };
    expect(clocks(all)).toEqual([undefined, {}, set, set, {}]);

    const later = story(...sent, finish({ version: '1' }), start({ version: '2' })).slice(2);
    const targets = new RecentTargets();
    targets.fold(later.slice(0, 1));
    evolveTarget(all[1]!.fold!.after, later[0]!);
    targets.fold(later.slice(1));
    expect(clocks(later)).toEqual([undefined, undefined, {}]);
  });

  it('do not go back with somebody who reads again what lies behind', () => {
    const events = story(...deployed);
    const targets = new RecentTargets();
    targets.fold(events.slice(0, 2));
    const again = story(...deployed);
    targets.fold(again.slice(0, 2));
    expect(versions(again)).toEqual([undefined, undefined, undefined]);
    targets.fold(events.slice(2));
    expect(versions(events)).toEqual([1, 2, 3]);
  });
});
