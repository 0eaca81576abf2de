import { expect, it } from '@jest/globals';

import { commandsFor } from './testing/index.js';
import { waistOver } from './testing/waist.js';
import { Unavailable, type Store } from './types.js';

it('ends its drain for everybody who asked for it, and takes nothing new meanwhile', async () => {
  const never = new Promise<never>(() => undefined);
  const store = { loadStreams: async () => new Map(), append: () => never } as unknown as Store;
  const queue = waistOver(store);
  const target = commandsFor('web-shop', 'production');
  const waiting = queue.submit(target.send('c-1', 'CreateTarget', {}));
  const drains = [queue.drain(20), queue.drain(20)];
  await expect(queue.submit(target.send('c-2', 'CreateTarget', {}))).rejects.toThrow('The service is stopping.');
  await expect(waiting).rejects.toBeInstanceOf(Unavailable);
  await Promise.all(drains);
});
