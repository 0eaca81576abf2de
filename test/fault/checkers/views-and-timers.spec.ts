import { describe, expect, it } from '@jest/globals';
import { A, at, created, deployment, finished, invariants, logOf, started, type Told } from './examples.js';
import {
  checkDeadlines,
  checkDumps,
  checkLateness,
  checkOverdue,
  checkReads,
  latenessOf,
  standingOf,
  type Logged,
} from './index.js';

describe('checkers of views and time', () => {
  it('find a view that is not a fold of the log (R1), and a read from before what was asked for (R5)', () => {
    const dump = { view: 'current', position: 3, rows: 'a\nb', folded: 'a\nb' };
    expect([...checkDumps([dump]), ...checkReads([{ view: 'current', asked: 3, stood: null }])]).toEqual([]);
    expect(invariants(checkDumps([{ ...dump, rows: 'a\nc' }]))).toEqual(['R1']);
    expect(invariants(checkReads([{ view: 'current', asked: 3, stood: 2 }]))).toEqual(['R5']);
  });

  it('find a time-out that fires twice (T1), early (T2), or never (T3)', () => {
    const hung = (second: number): Told => ({
      ...{ type: 'DeploymentHung', commandId: 'c3', recordedAt: at(second) },
      data: deployment(1, 'deploying', 'hanging', { deadline: at(5), rule: 'hanging' }),
    });
    expect(checkDeadlines(logOf(created, started, hung(5)))).toEqual([]);
    expect(invariants(checkDeadlines(logOf(created, started, hung(4))))).toEqual(['T2']);
    expect(invariants(checkDeadlines(logOf(created, started, hung(6), hung(7))))).toEqual(['T1']);
    const due = { stream: A, number: 1, kind: 'hanging', deadline: at(5) };
    expect(invariants(checkOverdue([due]))).toEqual(['T3']);
  });

  it('find a time-out that is late while nothing is wrong (T3)', () => {
    const hung: Told = {
      ...{ type: 'DeploymentHung', commandId: 'c3', recordedAt: at(15) },
      data: deployment(1, 'deploying', 'hanging', { deadline: at(5), rule: 'hanging' }),
    };
    const log = logOf(created, started, hung);
    const [from, to] = [Date.parse(at(7)), Date.parse(at(11))];
    const told = (withinMs: number, faults = [{ start: from, end: to }]): string[] =>
      invariants(checkLateness(latenessOf(log, faults), withinMs));
    expect([told(6_000), told(5_999)]).toEqual([[], ['T3']]);
    expect([told(10_000, []), told(9_999, [])]).toEqual([[], ['T3']]);
    expect(told(0, [{ start: 0, end: Date.parse(at(16)) }])).toEqual([]);
  });

  it('find by the domain what a log still waits for (T3), and what fired though nothing waited for it (T2)', () => {
    const settings = {
      hanging: { enabled: true, afterMinutes: 0.05 },
      failing: { enabled: false, afterMinutes: 1 },
    };
    const made: Told = { ...created, data: { key: 'a', settings } };
    const hung = (deadline: string): Told => ({
      ...{ type: 'DeploymentHung', commandId: 'c3', recordedAt: at(5) },
      data: deployment(1, 'deploying', 'hanging', { deadline, rule: 'hanging' }),
    });
    const told = (log: readonly Logged[], second: number) => {
      const { overdue, early } = standingOf(log, at(second));
      return { overdue: invariants(checkOverdue(overdue)), early };
    };
    expect(told(logOf(made, started), 6)).toEqual({ overdue: [], early: [] });
    expect(told(logOf(made, started), 8)).toEqual({ overdue: ['T3'], early: [] });
    expect(told(logOf(made, started, hung(at(4))), 59)).toEqual({ overdue: [], early: [] });
    expect(told(logOf(made, started, hung(at(3))), 59)).toEqual({ overdue: [], early: [expect.any(String)] });
    expect(told(logOf(made, started, finished), 59)).toEqual({ overdue: [], early: [] });
  });
});
