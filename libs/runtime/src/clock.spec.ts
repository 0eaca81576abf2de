import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from './clock.js';

const HOURS = 3_600_000;
const NOON = Date.parse('2026-11-20T12:00:00Z');

describe('the clock', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: NOON });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('shows the time of the machine until it is told another', () => {
    expect(new Clock().now()).toBe(NOON);
  });

  it.each([-2 * HOURS, -50, 50, 2 * HOURS])('follows one that is %d ms off, and again when that is set', (ahead) => {
    const clock = new Clock();
    clock.compare(NOON + ahead, NOON);
    expect(clock.now()).toBe(NOON + ahead);
    jest.setSystemTime(NOON + 1_000);
    expect(clock.now()).toBe(NOON + ahead + 1_000);
    clock.compare(NOON + 1_000, NOON + 1_000);
    expect(clock.now()).toBe(NOON + 1_000);
  });

  it('does not take an answer that was late for another time', () => {
    const clock = new Clock();
    clock.compare(NOON - 200, NOON - 300);
    expect(clock.now()).toBe(NOON);
    clock.compare(NOON + 2 * HOURS - 200, NOON - 300);
    expect(clock.now() - NOON).toBe(2 * HOURS - 200);
    clock.compare(NOON + 2 * HOURS, NOON);
    clock.compare(NOON + 2 * HOURS - 200, NOON - 300);
    expect(clock.now() - NOON).toBe(2 * HOURS);
  });

  it('is never ahead of the clock that it follows, but for a part of a millisecond', () => {
    const clock = new Clock();
    clock.compare(NOON + 7.9, NOON);
    expect(clock.now()).toBe(NOON + 7);
  });
});
