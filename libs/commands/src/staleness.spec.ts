import { expect, it } from '@jest/globals';

import { Staleness } from './staleness.js';

it('is high when many of the states relied on lately were outrun, and falls when they no longer are', () => {
  const staleness = new Staleness();
  staleness.saw(500, 0);
  expect(staleness.isHigh).toBe(false);
  staleness.saw(500, 300);
  expect(staleness.isHigh).toBe(true);
  for (let batch = 0; batch < 5; batch += 1) staleness.saw(500, 0);
  expect(staleness.isHigh).toBe(false);
});

it('does not rise because of a single one', () => {
  const staleness = new Staleness();
  staleness.saw(1, 1);
  staleness.saw(0, 0);
  expect(staleness.isHigh).toBe(false);
});
