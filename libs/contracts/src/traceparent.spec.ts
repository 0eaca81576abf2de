import { expect, it } from '@jest/globals';
import { isTraceparent } from './traceparent.js';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

it.each([`00-${trace}-${parent}-01`, `fe-${trace}-${parent}-00`])('%s is a trace parent', (text) => {
  expect(isTraceparent(text)).toBe(true);
});

it.each([
  `ff-${trace}-${parent}-01`,
  `00-${'0'.repeat(32)}-${parent}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${parent}-01`,
  `00-${trace}-${parent}-01-more`,
  undefined,
])('%s is none', (text) => {
  expect(isTraceparent(text)).toBe(false);
});
