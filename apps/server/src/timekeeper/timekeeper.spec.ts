import { describe, expect, it } from '@jest/globals';
import type { CommandBus } from '@nestjs/cqrs';
import type { SchedulerRegistry } from '@nestjs/schedule';
import type { SendToTarget } from '#commands';
import type { Time } from '#domain';
import { Metrics, type Logger } from '#runtime';
import { Timekeeper } from './timekeeper.js';

const AT = '2026-11-20T10:00:00.000000Z' as Time;
const dueIn = (target: string) => ({
  stream: `target:p/${target}`,
  project: 'p',
  target,
  now: AT,
  wait: { kind: 'due', number: 1, setVersion: 2, dueVersion: 2, deadline: AT },
});

/** A timekeeper whose view shows `due`, and what it sent and said. */
const keeping = (due: ReadonlyArray<ReturnType<typeof dueIn>>, failing = '') => {
  const view = { due };
  const sent: string[] = [];
  const said: object[] = [];
  const execute = async ({ submission: { stream } }: SendToTarget) => {
    if (stream === failing) throw new Error('It cannot be read.');
    sent.push(stream);
    return { outcome: { position: 1 } };
  };
  const say = (details: object): void => void said.push(details);
  const keeper = new Timekeeper({
    bus: { execute } as unknown as CommandBus,
    database: { query: async () => ({ rows: [...view.due], rowCount: view.due.length }) },
    projections: { waitForPosition: async () => true },
    scheduler: {} as SchedulerRegistry,
    metrics: new Metrics(),
    log: { warn: say, error: say } as unknown as Logger,
    tickMs: 1_000,
  });
  return { keeper, view, sent, said };
};

describe('the timekeeper', () => {
  it('sends everything else when one command fails, and says which one did', async () => {
    const { keeper, sent, said } = keeping([dueIn('a'), dueIn('b'), dueIn('c')], 'target:p/b');
    await keeper.tick();
    await keeper.tick();
    expect(sent).toEqual(['target:p/a', 'target:p/c']);
    const complaint = { err: new Error('It cannot be read.'), stream: 'target:p/b', number: 1 };
    expect(said).toEqual([complaint, complaint]);
  });

  it('does not take what is due in one target for what was sent to another', async () => {
    const { keeper, view, sent } = keeping([dueIn('a')]);
    await keeper.tick();
    view.due = [dueIn('b')];
    await keeper.tick();
    expect(sent).toEqual(['target:p/a', 'target:p/b']);
  });
});
