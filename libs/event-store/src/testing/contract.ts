import { afterAll, beforeAll } from '@jest/globals';
import { appending } from './appending.js';
import { ranging } from './ranging.js';
import { reading } from './reading.js';
import { refusing } from './refusing.js';
import type { StoreUnderTest } from './under-test.js';

/** What every store promises, as sentences; run by Jest against what `makeStore` makes. */
export const eventStoreContract = (makeStore: () => Promise<StoreUnderTest>): void => {
  let made: StoreUnderTest;
  beforeAll(async () => {
    made = await makeStore();
  });
  afterAll(() => made.close());

  appending(() => made);
  refusing(() => made);
  reading(() => made);
  ranging(() => made);
};
