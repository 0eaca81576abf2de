import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';

import { createPool } from '#event-store';

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { Actors, commandsMigrations } from './index.js';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase({ migrations: [commandsMigrations] });
  pool = createPool({ connectionString: database.url, max: 4, applicationName: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const ann = { id: 'ann@example.org', name: 'Ann', acts: false };
const bob = { id: 'bob@example.org', acts: false };
/** So long a process may go on as if nobody had been forgotten. */
const KNOWN_MS = 3_000;

describe('Actors', () => {
  it('have one opaque id each, in every process, that says nothing about them', async () => {
    const ids = await new Actors(pool).refer([ann, bob, ann]);
    expect(ids[2]).toBe(ids[0]);
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids.join()).not.toMatch(/ann|bob/i);
    expect(await new Actors(pool).refer([bob, ann])).toEqual([ids[1], ids[0]]);
  });

  it('who are claimed are found again by their opaque ids, as they were named then, whatever others call them', async () => {
    const actors = new Actors(pool);
    const [annId, bobId] = await actors.refer([ann, bob]);
    const others = await actors.refer([
      { ...ann, name: 'Ann B.' },
      { id: ann.id, acts: false },
    ]);
    expect(new Set([annId, ...others]).size).toBe(3);
    const names = await new Actors(pool).namesOf([annId!, bobId!, 'nobody', others[0]!]);
    expect(names).toEqual(
      new Map([
        [annId, { id: ann.id, name: ann.name }],
        [bobId, { id: bob.id }],
        [others[0], { id: ann.id, name: 'Ann B.' }],
      ]),
    );
  });

  it('who act are one person each by whatever name, called as they were named last, which no claim changes', async () => {
    const [jane, janet] = ['Jane', 'Janet'].map((name) => ({ id: 'jane', name, acts: true }));
    const nameless = { id: 'jane', acts: true };
    const [id, ...same] = await new Actors(pool).refer([janet!, nameless, janet!, jane!]);
    expect(same).toEqual([id, id, id]);
    const nameNow = async () => (await new Actors(pool).namesOf([id!])).get(id!)?.name;
    expect(await nameNow()).toBe('Jane');
    const actors = new Actors(pool);
    for (const named of [jane!, janet!, nameless]) expect(await actors.refer([named])).toEqual([id]);
    expect(await nameNow()).toBe('Janet');
    const [claimed] = await new Actors(pool).refer([{ ...jane!, name: 'Somebody', acts: false }]);
    expect(await new Actors(pool).namesOf([id!, claimed!])).toEqual(
      new Map([
        [id, { id: 'jane', name: 'Janet' }],
        [claimed, { id: 'jane', name: 'Somebody' }],
      ]),
    );
    expect(new Set(await new Actors(pool).idsOf('jane'))).toEqual(new Set([id, claimed]));
    expect([await new Actors(pool).forget('jane'), await new Actors(pool).forget('jane')]).toEqual([true, false]);
    expect(await new Actors(pool).namesOf([id!, claimed!])).toEqual(new Map());
    expect(await new Actors(pool).refer([jane!])).not.toEqual([id]);
  });

  it.each([true, false])('are made once by many at the same time, acting: %s', async (acts) => {
    const people = Array.from({ length: 50 }, (_, i) => ({ id: `p${i}`, acts }));
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) => new Actors(pool).refer(i % 2 ? people : people.toReversed())),
    );
    for (const [i, ids] of all.entries()) expect(i % 2 ? ids : ids.toReversed()).toEqual(all[1]);
  });

  it('that were forgotten have no name any more', async () => {
    const actors = new Actors(pool);
    const [id] = await actors.refer([{ id: 'eve', name: 'Eve', acts: false }]);
    await new Actors(pool).forget('eve');
    expect(await actors.namesOf([id!])).toEqual(new Map());
    expect(await new Actors(pool).refer([{ id: 'eve', name: 'Eve', acts: false }])).not.toEqual([id]);
  });

  it.each([true, false])(
    'that were forgotten by another process are somebody new within seconds, however often they are referred to, acting: %s',
    async (acts) => {
      const [here, elsewhere] = [new Actors(pool), new Actors(pool)];
      const [id] = await here.refer([{ id: 'zoe', acts }]);
      await elsewhere.forget('zoe');
      const began = performance.now();
      while ((await here.refer([{ id: 'zoe', acts }]))[0] === id) {
        expect(performance.now() - began).toBeLessThan(KNOWN_MS + 2_000);
        await pause(100);
      }
    },
    10_000,
  );
});
