import { expect, it } from '@jest/globals';
import { Unavailable } from '#commands';
import { createLogger } from '#runtime';
import { BatchWork } from './handle-batch.js';

it('submits nothing more once it is given up while it waits for room in the queue', async () => {
  const turn = new AbortController();
  let submitted = 0;
  const submit = (): Promise<never> => {
    submitted += 1;
    setImmediate(() => turn.abort());
    return Promise.reject(new Unavailable('full'));
  };
  const value = JSON.stringify({
    type: 'CreateTarget',
    commandId: 'c-1',
    project: 'shop',
    target: 'live',
    data: {},
  });
  const record = {
    key: Buffer.from('shop/live'),
    value: Buffer.from(value),
    headers: {},
    offset: '4',
    timestamp: String(Date.now()),
    attributes: 0,
  };
  const work = new BatchWork(
    [record],
    { topic: 'commands', partition: 0 },
    {
      waist: { queue: { submit }, actors: { refer: async (people) => people.map(({ id }) => id) } },
      rights: { projects: '*', trustActor: false },
      post: async () => undefined,
      log: createLogger({ level: 'silent' }),
    },
  );
  await expect(work.run(turn.signal)).rejects.toThrow('aborted');
  expect(submitted).toBe(1);
  expect(work.handled).toEqual([false]);
});
