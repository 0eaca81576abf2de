import { describe, expect, it } from '@jest/globals';

import { initialTarget } from '#domain';
import { NO_STREAM } from '#event-store';

import { decideBatch, type DecidedBatch } from './batch.js';
import { Pending } from './pending.js';
import { parseState, stateJson } from './state-json.js';
import type { Standing } from './states.js';
import { commandsFor } from './testing/index.js';
import type { Submission } from './types.js';

let made = 0;
const newId = (): string => `event-${(made += 1)}`;
const shop = commandsFor('web-shop', 'production');
const staging = commandsFor('web-shop', 'staging');

const start = (id: string, version: string, commands = shop): Submission =>
  commands.send(id, 'StartDeployment', { version });
const finish = (id: string, version: string, commands = shop): Submission =>
  commands.send(id, 'FinishDeployment', { version });

const nothing: Standing = { target: initialTarget('web-shop', 'production'), head: NO_STREAM, stored: -Infinity };

function decided(standings: Record<string, Standing | undefined>, ...submissions: Submission[]): DecidedBatch {
  const pendings = submissions.map((submission, i) => new Pending(submission, `${i}`, i, () => undefined));
  return decideBatch(pendings, (stream) => standings[stream], newId);
}

/** The state of a target after these commands. */
function after(...submissions: Submission[]): Standing {
  return decided({ [shop.stream]: nothing }, shop.send('create', 'CreateTarget', {}), ...submissions).standings[0]!;
}

describe('A batch', () => {
  it('decides each command on the state that the ones before it in its stream leave', () => {
    const { append, decided: answers } = decided(
      { [shop.stream]: nothing, [staging.stream]: { ...nothing, target: initialTarget('web-shop', 'staging') } },
      shop.send('c1', 'CreateTarget', {}),
      staging.send('c2', 'CreateTarget', {}),
      start('c3', '1.0'),
      finish('c4', '1.0'),
    );
    expect(append.streams.map(({ stream, expectedHead }) => [stream, expectedHead])).toEqual([
      [shop.stream, NO_STREAM],
      [staging.stream, NO_STREAM],
    ]);
    expect(append.commands.map(({ stream, commandId, version }) => [stream, commandId, version])).toEqual([
      [0, 'c1', 1],
      [1, 'c2', 1],
      [0, 'c3', 2],
      [0, 'c4', 3],
    ]);
    expect(answers.map(({ decided: { deployment } }) => deployment?.status ?? null)).toEqual([
      null,
      null,
      'deploying',
      'current',
    ]);
  });

  it('says which event each stream will stand on, and the state it will have', () => {
    const read = { ...after(), stored: -Infinity };
    const { append, standings } = decided({ [shop.stream]: read }, start('c1', '1.0'), finish('c2', '1.0'));
    expect(standings[0]!.head).toBe(append.commands.at(-1)!.events.at(-1)!.id);
    expect(parseState(append.streams[0]!.state!)).toEqual(standings[0]!.target);
  });

  it('writes the state of a stream that it made or read, then after some events, or each time for other processes', () => {
    let standing = nothing;
    const versions: number[] = [];
    const send = (submission: Submission): void => {
      const { append, standings } = decided({ [shop.stream]: standing }, submission);
      standing = standings[0]!;
      const { state } = append.streams[0]!;
      if (state !== undefined) versions.push(parseState(state)!.version);
    };
    send(shop.send('c', 'CreateTarget', {}));
    for (let i = 0; i < 18; i += 1) send(shop.send(`c${i}`, 'ChangeTarget', { name: `${i}` }));
    expect(versions).toEqual([1, 9, 17]);
    const pending = new Pending(shop.send('next', 'ChangeTarget', { name: 'x' }), 'next', 1, () => undefined);
    const shared = decideBatch([pending], () => standing, newId, true);
    expect(parseState(shared.append.streams[0]!.state!)).toMatchObject({ version: 20 });
  });

  it('writes no state where nothing is appended', () => {
    const { append } = decided(
      { [shop.stream]: { ...after(), stored: -Infinity } },
      shop.send('c1', 'CreateTarget', {}),
    );
    expect(append.streams[0]!.state).toBeUndefined();
  });

  it('keeps the head of a stream where nothing is appended', () => {
    const before = after();
    const { append, standings } = decided({ [shop.stream]: before }, shop.send('c1', 'CreateTarget', {}));
    expect(standings[0]!.head).toBe(before.head);
    expect(JSON.parse(append.commands[0]!.outcome)).toMatchObject({
      outcome: 'rejected',
      code: 'target_exists',
      number: null,
      events: [],
    });
  });

  it('answers with a deployment that has ended by the command', () => {
    const fail = shop.send('c1', 'FailDeployment', { version: '1.0', reason: 'broken' });
    const { decided: answers } = decided({ [shop.stream]: after(start('s', '1.0')) }, fail);
    expect(answers[0]!.decided.deployment).toMatchObject({ number: 1, status: 'failed', failureReason: 'broken' });
  });

  it('lets one origin be shared by every later state of a deployment, so that it learns its position once', () => {
    const { decided: answers, standings } = decided(
      { [shop.stream]: after() },
      start('c1', '1.0'),
      finish('c2', '1.0'),
    );
    const [started, finished] = answers.map(({ decided: { deployment } }) => deployment!.created);
    expect(started).toEqual({ version: 2, position: null });
    expect(finished).toBe(started);
    expect(standings[0]!.target.current!.created).toBe(started);
  });

  it('makes a command wait that needs its history, and all behind it in its stream', () => {
    const before = after(start('a', '1'), finish('b', '1'), start('c', '2'), finish('d', '2'));
    const rollback = shop.send('c2', 'RollbackDeployment', { to: 1 });
    const batch = decided({ [shop.stream]: before }, start('c1', '3'), finish('c1b', '3'), rollback, start('c3', '4'));
    expect(batch.append.commands.map(({ commandId }) => commandId)).toEqual(['c1', 'c1b']);
    expect(batch.waiting.map(({ submission }) => submission.commandId)).toEqual(['c2', 'c3']);
    expect([...batch.folds]).toEqual([[shop.stream, 'history']]);
  });

  it('makes the commands of a stream wait whose state cannot be read', () => {
    const batch = decided({ [shop.stream]: undefined }, start('c1', '1'));
    expect(batch.append).toEqual({ streams: [], commands: [] });
    expect([...batch.folds]).toEqual([[shop.stream, 'state']]);
    expect(batch.waiting).toHaveLength(1);
  });

  it('leaves history out of the state that is kept', () => {
    const folded = { ...nothing, target: initialTarget('web-shop', 'production', { history: true }) };
    const { append, standings } = decided({ [shop.stream]: folded }, shop.send('c1', 'CreateTarget', {}));
    expect(standings[0]!.target.history).toBeUndefined();
    expect(append.streams[0]!.state).toBe(stateJson(standings[0]!.target));
  });

  it('sets apart a command whose decision throws, and goes on with the state as it was before it', () => {
    const broken = {
      ...start('c1', '1'),
      command: { ...start('c1', '1').command, data: null },
    } as unknown as Submission;
    const { failed, append } = decided({ [shop.stream]: after() }, broken, start('c2', '2'));
    expect(failed.map(([pending]) => pending.submission.commandId)).toEqual(['c1']);
    expect(append.commands.map(({ commandId, version }) => [commandId, version])).toEqual([['c2', 2]]);
  });
});
