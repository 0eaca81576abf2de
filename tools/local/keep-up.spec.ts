import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { keepUp, type Server } from './keep-up.js';

/** A server that ends when it is told to, and when it dies. */
class Fake implements Server {
  isStopped = false;
  private readonly events = new EventEmitter();
  private readonly end = once(this.events, 'end');
  readonly ended = async (): Promise<void> => void (await this.end);
  readonly die = (): void => void this.events.emit('end');
  readonly stop = async (): Promise<void> => {
    this.isStopped = true;
    this.die();
  };
}

const kept = (failing = 0) => {
  const events = new EventEmitter();
  const started = [new Fake()];
  const said: string[] = [];
  let failures = failing;
  const startAgain = async (): Promise<Server> => {
    if (failures-- > 0) throw new Error('the port is taken');
    const server = new Fake();
    started.push(server);
    events.emit('started');
    return server;
  };
  const stop = keepUp({ name: 'Kafka', first: started[0]!, startAgain, say: (line) => said.push(line), pauseMs: 1 });
  return { started, said, stop, startedAgain: () => once(events, 'started') };
};

describe('a server that is kept up', () => {
  it('is started again each time that it ends by itself, which is said', async () => {
    const { started, said, stop, startedAgain } = kept();
    for (const n of [0, 1]) {
      const again = startedAgain();
      started[n]!.die();
      await again;
    }
    expect(said).toEqual(Array(2).fill('Kafka has ended by itself, and is started again'));
    await stop();
    expect(started.map(({ isStopped }) => isStopped)).toEqual([false, false, true]);
  });

  it('is tried again until it starts', async () => {
    const { started, said, stop, startedAgain } = kept(2);
    const again = startedAgain();
    started[0]!.die();
    await again;
    expect(said.slice(1)).toEqual(Array(2).fill('Kafka did not start again, and is tried again: the port is taken'));
    await stop();
  });

  it('stays down once it is stopped', async () => {
    const { started, said, stop } = kept();
    await stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect([started.length, said]).toEqual([1, []]);
  });

  it('is stopped also where it is just starting again', async () => {
    const { started, stop, startedAgain } = kept();
    const again = startedAgain();
    started[0]!.die();
    await again;
    await stop();
    expect(started.at(-1)!.isStopped).toBe(true);
  });
});
