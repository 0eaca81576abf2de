import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  cancel,
  changeDeployment,
  create,
  deleteDeployment,
  finish,
  refs,
  remove,
  schedule,
  start,
} from '#domain/testing';
import { behind, commits, listDeploymentsOfCommit, type CommitFilters } from './commits.js';
import { deployments } from './deployments.js';
import { aPlace, World, type Place } from './testing/world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

/** `project/target#number` of what is found, in its order. */
const found = async (commit: string, filters: Partial<CommitFilters> = {}): Promise<string[]> => {
  const { items } = await listDeploymentsOfCommit(world.pool, { projects: '*', commit, ...filters }, { limit: 200 });
  return items.map(({ project, target, deployment }) => `${project}/${target}#${deployment.number}`);
};
const named = ({ project, key }: Place, number: number): string => `${project}/${key}#${number}`;
const hex = fc.sample(fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }), 20);

describe('The deployments of a commit', () => {
  it('are found in every target, newest first, by the whole of it and by a beginning of seven characters', async () => {
    const sha = hex[0]!;
    const [one, two] = [aPlace(), aPlace(undefined, 'review/42')];
    await world.send(one, create(), finish({ version: '1', commitRefs: refs(`main@${sha}`) }));
    await world.send(two, create(), start({ version: '1', commitRefs: refs(`api:dev@${sha}`, 'ui:dev@other') }));
    await world.send(one, finish({ version: '2', commitRefs: refs(`main@${sha.slice(0, 7)}`) }));
    await world.catchUp();
    expect(await found(sha)).toEqual([named(two, 1), named(one, 1)]);
    expect(await found(sha.slice(0, 7))).toEqual([named(one, 2), named(two, 1), named(one, 1)]);
    expect(await found(sha.slice(0, 8))).toEqual([named(two, 1), named(one, 1)]);
    expect(await found(sha.slice(0, 6))).toEqual([]);
    expect(await found(`${sha}0`)).toEqual([]);
    expect(await found(sha, { project: one.project })).toEqual([named(one, 1)]);
    expect(await found(sha, { projects: [two.project] })).toEqual([named(two, 1)]);
    expect(await found(sha, { projects: [] })).toEqual([]);
  });

  it('are found by a short name only where it is the whole of it', async () => {
    const place = aPlace();
    await world.send(place, create(), finish({ version: '1', commitRefs: refs('main@r12345', 'api:main@r1234') }));
    await world.catchUp();
    expect(await found('r1234')).toEqual([named(place, 1)]);
    expect(await found('r123')).toEqual([]);
  });

  it('come once, however many of its commits begin so', async () => {
    const place = aPlace();
    const sha = hex[1]!;
    await world.send(
      place,
      create(),
      finish({ version: '1', commitRefs: refs(`main@${sha}`, `api:main@${sha}`, `ui:main@${sha.slice(0, 20)}`) }),
    );
    await world.catchUp();
    expect(await found(sha.slice(0, 10))).toEqual([named(place, 1)]);
  });

  it('are those that have it now: what a later event took away is not found', async () => {
    const place = aPlace();
    const [before, after, third] = [hex[2]!, hex[3]!, hex[4]!];
    await world.send(
      place,
      create(),
      schedule({ version: '1', commitRefs: refs('main') }),
      start({ commitRefs: refs(`main@${before}`) }),
      start({ version: '1', commitRefs: refs(`main@${after}`, `api:main@${third}`) }),
    );
    await world.catchUp();
    expect([await found(before), await found(after), await found(third)]).toEqual([
      ...[[], [named(place, 1)], [named(place, 1)]],
    ]);
    await world.send(place, changeDeployment({ number: 1, commitRefs: refs(`main@${before}`) }));
    await world.catchUp();
    expect([await found(before), await found(after), await found(third)]).toEqual([
      [named(place, 1)],
      [],
      [named(place, 1)],
    ]);
  });

  it('leave when they are deleted, and do not show while their target is', async () => {
    const place = aPlace();
    const sha = hex[5]!;
    const request = { commitRefs: refs(`main@${sha}`) };
    await world.send(
      place,
      create(),
      start({ version: '1', ...request }),
      cancel(request),
      finish({ version: '2', ...request }),
      deleteDeployment(1),
    );
    await world.catchUp();
    expect(await found(sha)).toEqual([named(place, 2)]);
    await world.send(place, remove());
    await world.catchUp();
    expect(await found(sha)).toEqual([]);
    await world.send(place, create());
    await world.catchUp();
    expect(await found(sha)).toEqual([named(place, 2)]);
  });

  it('are the same with capital letters where it is hexadecimal, and only there', async () => {
    const place = aPlace();
    const sha = hex[6]!;
    await world.send(
      place,
      create(),
      finish({ version: '1', commitRefs: refs(`main@${sha.toUpperCase()}`) }),
      finish({ version: '2', commitRefs: refs(`main@Release-${sha}`) }),
    );
    await world.catchUp();
    expect([await found(sha), await found(sha.toUpperCase().slice(0, 9))]).toEqual([
      ...[[named(place, 1)], [named(place, 1)]],
    ]);
    expect([await found(`Release-${sha}`), await found(`release-${sha}`)]).toEqual([[named(place, 2)], []]);
  });

  it('are found by what patterns would make of other characters', async () => {
    const place = aPlace();
    const tail = hex[7]!;
    const odd = [`%_\\'"{}`, '_______', '\u{10ffff}'.repeat(8), 'é'.repeat(8)].map((text) => `${text}${tail}`);
    await world.send(
      place,
      create(),
      ...odd.map((commit) =>
        finish({ version: '1', commitRefs: [{ repository: 'web-shop', branch: 'main', commit }] }),
      ),
    );
    await world.catchUp();
    for (const [index, commit] of odd.entries()) {
      expect(await found(commit)).toEqual([named(place, index + 1)]);
      expect(await found([...commit].slice(0, 12).join(''), { project: place.project })).toEqual([
        named(place, index + 1),
      ]);
    }
  });

  it('are true by themselves while one view is ahead of the other', async () => {
    const place = aPlace();
    const [before, after] = [hex[8]!, hex[9]!];
    await world.send(place, create(), start({ version: '1', commitRefs: refs(`main@${before}`) }));
    await world.catchUp([commits]);
    expect(await found(before)).toEqual([]);
    await world.catchUp();
    await world.send(place, start({ commitRefs: refs(`main@${after}`) }));
    await world.catchUp([deployments]);
    expect([await found(before), await found(after)]).toEqual([[], []]);
    await world.catchUp([commits]);
    expect([await found(before), await found(after)]).toEqual([[], [named(place, 1)]]);
    await world.send(place, finish({ commitRefs: refs('main') }), remove());
    await world.catchUp([deployments]);
    expect(await found(after)).toEqual([]);
    await world.catchUp();
    expect(await found(after)).toEqual([]);
  });

  it('come in pages that stay right while others are added', async () => {
    const sha = hex[10]!;
    const place = aPlace();
    const send = (version: number) =>
      world.send(place, finish({ version: `${version}`, commitRefs: refs(`main@${sha}`) }));
    await world.send(place, create());
    for (let version = 1; version <= 5; version += 1) await send(version);
    await world.catchUp();
    const seen: number[] = [];
    let after: number | undefined;
    for (let version = 6; after !== null; version += 1) {
      const page = await listDeploymentsOfCommit(
        world.pool,
        { projects: '*', commit: sha.slice(0, 7) },
        { limit: 2, ...(after === undefined ? {} : { after }) },
      );
      seen.push(...page.items.map(({ deployment }) => deployment.number));
      if (page.next === null) break;
      after = page.next;
      await send(version);
      await world.catchUp();
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });
});

describe('The end of a stretch of the index', () => {
  const points = (text: string) => Array.from(text, (each) => each.codePointAt(0)!);
  /** As PostgreSQL compares in collation C. */
  const isBefore = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

  it('is behind every text that begins so, and not behind any other that is behind those', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 });
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const end = behind(prefix);
        const isWithin = !isBefore(other, prefix) && (end === undefined || isBefore(other, end));
        expect(isWithin).toBe(points(prefix).every((point, index) => points(other)[index] === point));
      }),
      { numRuns: 5_000 },
    );
    expect(behind('a\u{d7ff}')).toBe('a\u{e000}');
    expect(behind('a\u{10ffff}')).toBe('b');
    expect(behind('\u{10ffff}')).toBeUndefined();
  });
});
