import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LiveClient } from './live-client.js';
import { LiveTail } from './live-tail.js';

const CLIENTS = 1_000;

type Listener = () => void;
/** A client that counts what it is given. */
type Counting = { client: LiveClient; taken: string[]; leave: Listener };

let all: Counting[];
let append: (position: number) => void;
let tail: LiveTail;

/** A log of one event, which is there once it has been appended. */
beforeEach(() => {
  all = [];
  let end = 0;
  let told: ((position: number) => void) | undefined;
  append = (position) => {
    end = position;
    told?.(position);
  };
  const store = {
    head: async () => ({ position: end }),
    onAppend: (listener: (position: number) => void) => {
      told = listener;
      return () => (told = undefined);
    },
  };
  const reader = {
    async *read(_filter: object, { after }: { after: number }) {
      if (after < end) yield { events: [{ position: end }] };
    },
    texts: async (events: readonly unknown[]) => events.map(() => '{}'),
  };
  tail = new LiveTail(store as never, reader as never, { error: () => undefined } as never);
});
afterEach(() => {
  for (const { leave } of all) leave();
});

async function join(onTake: Listener = () => undefined): Promise<Counting> {
  const taken: string[] = [];
  const client = {
    isOpen: true,
    onClose: (listener: Listener) => (counting.leave = listener),
    take: (frames: Buffer) => {
      taken.push(String(frames));
      onTake();
    },
  };
  const counting: Counting = { client: client as never, taken, leave: () => undefined };
  all.push(counting);
  await tail.serve({ client: counting.client, filter: {}, after: 0 });
  return counting;
}

const served = (): number => all.filter(({ taken }) => taken.length > 0).length;

async function untilServed(count: number): Promise<void> {
  while (served() < count) await turn();
}

describe('an event that many clients follow', () => {
  it('leaves requests their turn before the last of them has it', async () => {
    let servedByThen = 0;
    await join(() => setImmediate(() => (servedByThen = served())));
    for (let count = 1; count < CLIENTS; count += 1) await join();
    append(1);
    await untilServed(CLIENTS);
    expect(servedByThen).toBeGreaterThan(0);
    expect(servedByThen).toBeLessThan(CLIENTS / 2);
  });

  it('reaches each once, also who joins or leaves while it is handed on', async () => {
    let late: Promise<Counting> | undefined;
    await join(() => {
      late = join();
      all.at(-2)!.leave();
    });
    for (let count = 1; count < CLIENTS; count += 1) await join();
    append(1);
    await untilServed(CLIENTS);
    await late;
    for (let count = 0; count < 10; count += 1) await turn();
    const left = all[CLIENTS - 1]!;
    expect(left.taken).toEqual([]);
    expect(all.filter((each) => each !== left).map(({ taken }) => taken)).toEqual(
      Array.from({ length: CLIENTS }, () => ['id: 1\ndata: {}\n\n']),
    );
  });
});
