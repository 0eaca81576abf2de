import { describe, expect, it } from '@jest/globals';

import { Line } from './line.js';
import { Pending } from './pending.js';
import type { Submission } from './types.js';

let arrivals = 0;

/** A command `name` such as `s1`: the first of stream `s`. */
function command(name: string): Pending {
  arrivals += 1;
  return new Pending({ stream: name[0]!, commandId: name } as Submission, name, arrivals, () => undefined);
}

const names = (pendings: readonly Pending[]): string[] => pendings.map(({ submission }) => submission.commandId);

function lineOf(...commands: string[]): Line {
  const line = new Line();
  for (const name of commands) line.add(command(name));
  return line;
}

/** Takes a batch and sends it out. */
function send(line: Line, max = 10): Pending[] {
  const taken = line.take(max);
  line.depart(new Set(taken.map(({ stream }) => stream)));
  return taken;
}

describe('The line', () => {
  it('gives commands in order of arrival, at most as many as asked for', () => {
    const line = lineOf('a1', 'b1', 'a2', 'c1');
    expect(names(line.take(3))).toEqual(['a1', 'b1', 'a2']);
    expect(names(line.take(3))).toEqual(['c1']);
    expect(line.size).toBe(0);
  });

  it('lets a second batch follow only in streams to which the first appends', () => {
    const line = lineOf('a1', 'b1');
    send(line);
    line.follow('a');
    for (const name of ['b2', 'a2', 'c1']) line.add(command(name));
    expect(names(send(line))).toEqual(['a2', 'c1']);
    expect(line.size).toBe(1);
    line.arrive(['a', 'b']);
    expect(names(send(line))).toEqual(['b2']);
  });

  it('holds back a stream whose commands came back until no batch with it is under way, then in order of arrival', () => {
    const line = lineOf('a1', 'b1');
    const first = send(line);
    line.follow('a');
    line.add(command('a2'));
    const second = send(line);
    line.add(command('a3'));
    line.add(command('d1'));

    line.stop('a');
    line.putBack([first[0]!]);
    line.arrive(['a', 'b']);
    expect(names(send(line))).toEqual(['d1']);
    expect(line.size).toBe(2);

    line.putBack(second);
    line.arrive(['a']);
    expect(names(send(line))).toEqual(['a1', 'a2', 'a3']);
  });

  it('puts what came back before all that arrived later', () => {
    const line = lineOf('a1', 'b1', 'c1');
    const taken = send(line, 2);
    line.add(command('d1'));
    line.arrive(['a', 'b']);
    line.putBack(taken);
    expect(names(send(line))).toEqual(['a1', 'b1', 'c1', 'd1']);
  });

  it('tells a batch that is being made which of its streams were stopped meanwhile', () => {
    const line = lineOf('a1');
    send(line);
    line.follow('a');
    line.add(command('a2'));
    send(line);
    expect(line.isStopped('a')).toBe(false);
    line.stop('a');
    line.arrive(['a']);
    expect(line.isStopped('a')).toBe(true);
    line.arrive(['a']);
    expect(line.isStopped('a')).toBe(false);
  });

  it('asks for a fold when nothing of the stream is under way, and holds it until that is done', () => {
    const line = lineOf('a1');
    const [waiting] = send(line);
    line.stop('a', 'history');
    line.putBack([waiting!]);
    expect(line.arrive(['a'])).toEqual([['a', 'history']]);
    expect(names(send(line))).toEqual([]);
    expect(line.firstOf('a')).toBe(waiting);
    expect(line.arrive(['a'])).toEqual([]);
    expect(names(send(line))).toEqual(['a1']);
  });

  it('lets a command travel only in company as small as it may have', () => {
    const line = lineOf('a1', 'b1', 'c1', 'd1');
    const taken = line.take(4);
    for (const pending of taken) pending.company = 2;
    line.putBack(taken);
    line.add(command('e1'));
    expect(names(line.take(4))).toEqual(['a1', 'b1']);
    expect(names(line.take(4))).toEqual(['c1', 'd1']);
    expect(names(line.take(4))).toEqual(['e1']);
  });

  it('does not let one that must travel alone join others', () => {
    const line = lineOf('a1', 'b1');
    const [, second] = line.take(2);
    second!.company = 1;
    line.putBack([second!]);
    const [first] = [command('z1')];
    line.add(first!);
    expect(names(line.take(2))).toEqual(['b1']);
    expect(names(line.take(2))).toEqual(['z1']);
  });

  it('passes over what was given up', () => {
    const line = lineOf('a1');
    const given = command('a2');
    line.add(given);
    given.settled = true;
    line.leave();
    expect(line.size).toBe(1);
    expect(names(line.take(10))).toEqual(['a1']);
  });
});
