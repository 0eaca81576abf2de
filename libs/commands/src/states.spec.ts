import { expect, it } from '@jest/globals';

import type { StreamSnapshot } from '#event-store';

import { initialOf } from './fold.js';
import { stateJson } from './state-json.js';
import { States } from './states.js';
import type { Store } from './types.js';

const named = (name: string): string => `target:web-shop/${name}`;

function snapshotOf(stream: string): StreamSnapshot {
  const state = stateJson({ ...initialOf(stream), exists: true, description: 'x'.repeat(10_000) });
  return { stream, version: 1, position: 1, head: `head of ${stream}`, state };
}

/** As much of a store as states are read from; every stream exists and its state is of 10,000 characters and some. */
const store = {
  loadStreams: async (names: readonly string[]) => new Map(names.map((name) => [name, snapshotOf(name)])),
} as Partial<Store> as Store;

const notAhead = (): boolean => false;

async function heldAfter(states: States, batches: readonly string[][]): Promise<string[]> {
  for (const batch of batches.map((names) => new Set(names.map(named)))) {
    states.trim(batch);
    await states.load(states.missing(batch, notAhead));
    expect([...batch].filter((stream) => states.get(stream) === undefined)).toEqual([]);
  }
  states.trim(new Set());
  return ['a', 'b', 'c', 'd', 'e'].filter((name) => states.missing([named(name)], notAhead).length === 0);
}

it('keeps the states used last, as many as are light enough together', async () => {
  const states = new States(store, { states: 100, weight: 25_000 });
  expect(await heldAfter(states, [['a'], ['b'], ['c'], ['b'], ['d']])).toEqual(['b', 'd']);
});

it('keeps all that a batch needs, however heavy', async () => {
  const states = new States(store, { states: 100, weight: 25_000 });
  expect(await heldAfter(states, [['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c', 'd'], ['e']])).toEqual(['d', 'e']);
});

it('counts a state that was replaced or forgotten no longer', async () => {
  const states = new States(store, { states: 100, weight: 25_000 });
  for (let i = 0; i < 10; i += 1) states.replace(named('a'), snapshotOf(named('a')));
  states.replace(named('b'), snapshotOf(named('b')));
  states.forget([named('b')]);
  states.replace(named('c'), snapshotOf(named('c')));
  expect(await heldAfter(states, [])).toEqual(['a', 'c']);
});
