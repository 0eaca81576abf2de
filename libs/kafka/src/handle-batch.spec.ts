import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage, Message } from 'kafkajs';
import { CommandIdReused, Unavailable, type Submission } from '#commands';
import { createLogger } from '#runtime';
import { BatchWork, type Waist } from './handle-batch.js';
import { Room } from './room.js';

const recordOf = (commandId: string, offset: number): KafkaMessage => ({
  key: Buffer.from('shop/live'),
  value: Buffer.from(JSON.stringify({ type: 'CreateTarget', commandId, project: 'shop', target: 'live', data: {} })),
  headers: {},
  offset: String(offset),
  timestamp: String(Date.now()),
  attributes: 0,
});

/** A batch of so many commands, what of it was submitted, and its dead letters. */
const batch = (
  count: number,
  submit: (submission: Submission) => Promise<unknown>,
  more: { full?: () => boolean; places?: number } = {},
) => {
  const submitted: string[] = [];
  const letters: Message[] = [];
  const queue = {
    get full(): boolean {
      return more.full?.() ?? false;
    },
    submit: (submission: Submission) => {
      submitted.push(submission.commandId);
      return submit(submission);
    },
  } as unknown as Waist['queue'];
  const work = new BatchWork(
    Array.from({ length: count }, (_, i) => recordOf(`c-${i}`, 4 + i)),
    { topic: 'commands', partition: 0 },
    {
      waist: { queue, actors: { refer: async (people) => people.map(({ id }) => id) } },
      room: new Room(more.places ?? 1_000),
      rights: { projects: '*', trustActor: false },
      post: async (posted) => void letters.push(...posted),
      log: createLogger({ level: 'silent' }),
    },
  );
  return { work, submitted, letters };
};
const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `c-${i}`);
const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the records of a batch', () => {
  it('are taken in in their order, and handled when all have their outcome', async () => {
    const answers: Array<() => void> = [];
    const { work, submitted } = batch(250, () => new Promise<void>((resolve) => answers.push(resolve)));
    await work.takeIn(never);
    expect(submitted).toEqual(ids(250));
    let done = false;
    const all = work.done().then(() => (done = true));
    answers.slice(1).forEach((answer) => answer());
    await turn();
    expect(done).toBe(false);
    expect(work.handled).toEqual([false, ...Array<boolean>(249).fill(true)]);
    answers[0]!();
    await all;
    expect(work.handled.every(Boolean)).toBe(true);
  });

  it('wait for a place, and keep their order', async () => {
    const answers: Array<() => void> = [];
    const { work, submitted } = batch(5, () => new Promise<void>((resolve) => answers.push(resolve)), { places: 2 });
    const taken = work.takeIn(never);
    for (let under = 2; under <= 5; under += 1) {
      await turn();
      expect(submitted).toEqual(ids(under));
      answers.shift()!();
    }
    await taken;
    answers.forEach((answer) => answer());
    await work.done();
  });

  it('are not submitted to a queue that is full, nor once they are given up', async () => {
    const given = new AbortController();
    const full = (): boolean => {
      setImmediate(() => given.abort());
      return submitted.length === 1;
    };
    const { work, submitted } = batch(2, () => new Promise(() => undefined), { full });
    await expect(work.takeIn(given.signal)).rejects.toThrow('aborted');
    expect(submitted).toEqual(ids(1));
    expect(work.handled).toEqual([false, false]);
  });

  it('are dead letters where the fault is their own', async () => {
    const { work, letters } = batch(4, async ({ commandId }) => {
      if (commandId === 'c-1') throw new CommandIdReused('another');
      if (commandId === 'c-2') throw new Error('too long');
    });
    await work.takeIn(never);
    await work.done();
    expect(letters.map(({ headers }) => headers?.['shiplog-reason'])).toEqual([
      'idempotency_key_reused',
      'not_recordable: too long',
    ]);
    expect(work.handled).toEqual([true, true, true, true]);
  });

  it('come once more where one of them was not decided', async () => {
    const { work, letters } = batch(3, async ({ commandId }) => {
      if (commandId === 'c-1') throw new Unavailable('stopping');
    });
    await work.takeIn(never);
    await expect(work.done()).rejects.toThrow('stopping');
    expect(work.handled).toEqual([true, false, true]);
    expect(letters).toEqual([]);
  });
});
