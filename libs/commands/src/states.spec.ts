import { expect, it } from '@jest/globals';

import type { StoredEvent, StreamSnapshot } from '#event-store';

import { initialOf } from './fold.js';
import { stateJson } from './state-json.js';
import { States } from './states.js';
import type { Store } from './types.js';

const named = (name: string): string => `target:web-shop/${name}`;

function snapshotOf(stream: string): StreamSnapshot {
  const state = stateJson({ ...initialOf(stream), exists: true, version: 1, description: 'x'.repeat(10_000) });
  return { stream, version: 1, position: 1, head: `head of ${stream}`, state, stateVersion: 1 };
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

it('brings a state up to its stream by the events above it, or leaves it to be folded', async () => {
  const events = (name: string): StoredEvent[] =>
    [2, 3].map((version) => ({
      ...{ stream: named(name), version, position: 10 + version, id: `event ${version}`, type: 'TargetChanged' },
      ...{ metadata: '{"actor":{"id":"ci","kind":"service"}}', commandId: '', occurredAt: '', recordedAt: '' },
      data: JSON.stringify({ name: `name ${version}` }),
    }));
  const recovered = {
    ...{ type: 'DeploymentFinished', data: '{"number":1,"from":"failed","status":"current","recoveredFrom":"failed"}' },
  };
  const asked: Array<ReadonlyMap<string, number>> = [];
  const lagging = {
    loadStreams: async (names: readonly string[]) =>
      new Map(names.map((name) => [name, { ...snapshotOf(name), version: 3, position: 13 }])),
    readAbove: async (versions: ReadonlyMap<string, number>) => {
      asked.push(versions);
      const broken = events('b').map((event) => ({ ...event, ...recovered }));
      return new Map([
        [named('a'), events('a')],
        [named('b'), broken],
        [named('c'), events('c').slice(0, 1)],
      ]);
    },
  } as Partial<Store> as Store;
  const states = new States(lagging, { states: 100, weight: 25_000 });
  const names = ['a', 'b', 'c', 'd'].map(named);
  await states.load(names);
  expect(asked).toEqual([new Map(names.map((name) => [name, 1]))]);
  expect(states.get(named('a'))).toMatchObject({ target: { version: 3, name: 'name 3' }, head: 'event 3' });
  // One recovers what the state does not hold; of the others not all events are there.
  expect(names.slice(1).map((name) => states.get(name))).toEqual([undefined, undefined, undefined]);
});

it('counts a state that was replaced or forgotten no longer', async () => {
  const states = new States(store, { states: 100, weight: 25_000 });
  for (let i = 0; i < 10; i += 1) states.replace(named('a'), snapshotOf(named('a')));
  states.replace(named('b'), snapshotOf(named('b')));
  states.forget([named('b')]);
  states.replace(named('c'), snapshotOf(named('c')));
  expect(await heldAfter(states, [])).toEqual(['a', 'c']);
});
