import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Deployment, Time } from '#domain';
import {
  change,
  changeDeployment,
  create,
  deleteDeployment,
  fail,
  finish,
  given,
  remove,
  retire,
  start,
  ci,
} from '#domain/testing';
import { evolveTarget } from './target-states.js';
import { atFirst, isChange, pointOf, weave, type Moment, type Point, type Standing } from './tenures-fold.js';

const at = (minute: number): Time => `2026-11-20T10:${String(minute).padStart(2, '0')}:00.000000Z`;
const actor = ci;
const deployment = (number: number): Deployment => ({ number }) as Deployment;
const becomes = (version: number, number: number): Point => ({
  version,
  actor,
  kind: 'becomes',
  deployment: deployment(number),
});
const changes = (version: number, number: number): Point => ({
  version,
  actor,
  kind: 'changes',
  deployment: deployment(number),
});
const leaves = (version: number, number: number): Point => ({ version, actor, kind: 'leaves', number });
const empties = (version: number): Point => ({ version, actor, kind: 'empties' });
const retypes = (version: number): Point => ({ version, actor, kind: 'retypes', environmentType: 'staging' });

type Placed = readonly [minute: number, point: Point];
const addedOf = (placed: readonly Placed[]): Map<Time, Point[]> => {
  const added = new Map<Time, Point[]>();
  for (const [minute, point] of placed) added.set(at(minute), [...(added.get(at(minute)) ?? []), point]);
  return added;
};

/** The moments that these points make when they come in these pages, as the view keeps them. */
const wovenIn = (...pages: ReadonlyArray<readonly Placed[]>): Moment[] => {
  let moments: Moment[] = [];
  for (const page of pages) {
    const added = addedOf(page);
    const from = [...added.keys()].sort()[0]!;
    const before = moments.findLast(({ since }) => since < from)?.standing ?? atFirst;
    const { written, last } = weave({ before, known: moments.filter(({ since }) => since >= from) }, added);
    const places = new Map([...moments, ...written].map((moment) => [moment.since, moment]));
    moments = [...places.values()].sort((a, b) => Number(a.since > b.since) - Number(a.since < b.since));
    if (last) expect(last).toEqual(moments.at(-1)!.standing);
  }
  return moments;
};
const told = (moments: readonly Moment[]) =>
  moments.map(({ since, standing }) => [Number(since.slice(14, 16)), standing.deployment?.number ?? null]);

describe('What an event says of what is current', () => {
  const kindsOf = (...sendings: Parameters<typeof given>): Array<Point['kind'] | undefined> => {
    let target: ReturnType<typeof evolveTarget> | undefined;
    return given(...sendings).stream.events.map((event) => {
      const before = target;
      const logged = { ...event, stream: 'target:web-shop/production', recordedAt: event.occurredAt, bytes: 0 };
      target = evolveTarget(before, logged);
      return pointOf(before, target, logged)?.kind;
    });
  };

  it('is that one becomes current, changes while it is, or leaves', () => {
    expect(
      kindsOf(
        create(),
        start({ version: '1' }),
        finish({}),
        changeDeployment({ number: 1, description: 'x' }),
        finish({ version: '2' }),
        retire(2),
      ),
    ).toEqual(['retypes', undefined, 'becomes', 'changes', 'leaves', 'becomes', 'leaves']);
  });

  it('is nothing where it is about one that is not current, or about other settings', () => {
    expect(
      kindsOf(
        create(),
        finish({ version: '1' }),
        finish({ version: '2' }),
        changeDeployment({ number: 1, description: 'x' }),
        deleteDeployment(1),
        fail({ version: '3' }),
        change({ requireSchedule: true }),
      ).slice(4),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('is that a deleted target is empty, and of what type it is when it comes back', () => {
    expect(kindsOf(create(), finish({ version: '1' }), remove(), create()).slice(2)).toEqual([
      'leaves',
      'empties',
      'retypes',
    ]);
  });
});

describe('Points in their places', () => {
  it('say from when to when something was current', () => {
    const moments = wovenIn([
      [1, becomes(2, 1)],
      [2, leaves(3, 1)],
      [2, becomes(4, 2)],
      [3, changes(5, 2)],
      [4, leaves(6, 2)],
    ]);
    expect(told(moments)).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, null],
    ]);
    expect(moments.map(({ standing }) => standing.began)).toEqual([at(1), at(2), at(2), at(4)]);
    expect(moments.map(isChange)).toEqual([true, true, true, true]);
  });

  it('that come late change what stood after them, as far as something else became current', () => {
    const first: Placed[] = [
      [10, becomes(2, 1)],
      [30, leaves(3, 1)],
      [30, becomes(4, 2)],
    ];
    expect(
      told(
        wovenIn(first, [
          [20, leaves(5, 2)],
          [20, becomes(6, 3)],
        ]),
      ),
    ).toEqual([
      [10, 1],
      [20, 3],
      [30, 2],
    ]);
    expect(
      told(
        wovenIn(first, [
          [5, leaves(5, 2)],
          [5, becomes(6, 3)],
        ]),
      ),
    ).toEqual([
      [5, 3],
      [10, 1],
      [30, 2],
    ]);
  });

  it('end nothing that is not current in their order', () => {
    expect(
      told(
        wovenIn([
          [10, becomes(2, 1)],
          [20, leaves(3, 2)],
          [30, changes(4, 2)],
        ]),
      ),
    ).toEqual([
      [10, 1],
      [20, 1],
      [30, 1],
    ]);
    expect(
      wovenIn([
        [10, becomes(2, 1)],
        [20, leaves(3, 2)],
      ]).map(isChange),
    ).toEqual([true, false]);
  });

  it('empty a target whatever is current in their order', () => {
    expect(
      told(
        wovenIn([
          [10, becomes(2, 1)],
          [30, leaves(3, 2)],
          [30, empties(4)],
        ]),
      ),
    ).toEqual([
      [10, 1],
      [30, null],
    ]);
  });

  it('of one moment count in the order of their versions, and the last one stands', () => {
    expect(
      told(
        wovenIn([
          [10, becomes(2, 1)],
          [10, leaves(3, 1)],
        ]),
      ),
    ).toEqual([[10, null]]);
    expect(
      told(
        wovenIn(
          [[10, becomes(2, 1)]],
          [
            [10, leaves(3, 1)],
            [10, becomes(4, 2)],
          ],
        ),
      ),
    ).toEqual([[10, 2]]);
  });

  it('of one moment are kept only as far as they count, however many there are', () => {
    const turns = Array.from({ length: 50 }, (_, turn): Placed[] => {
      const [version, number] = [8 * turn, turn + 1];
      return [
        [10, retypes(version + 1)],
        [10, leaves(version + 2, number - 1)],
        [10, becomes(version + 3, number)],
        [10, changes(version + 4, number)],
        [10, changes(version + 5, number)],
        [10, leaves(version + 6, number)],
        [10, becomes(version + 7, number)],
        [10, changes(version + 8, number)],
      ];
    });
    const [moment] = wovenIn(...turns);
    expect(moment!.points.map(({ kind }) => kind)).toEqual(['retypes', 'leaves', 'becomes', 'changes']);
    expect(moment!.standing).toMatchObject({ version: 400, deployment: deployment(50), began: at(10) });
  });

  it('behind which nothing changes leave what stands there alone', () => {
    const known: Moment[] = wovenIn([
      [10, becomes(2, 1)],
      [20, becomes(3, 2)],
      [30, becomes(4, 3)],
    ]);
    const { written, last } = weave({ before: atFirst, known }, addedOf([[5, becomes(5, 4)]]));
    expect(told(written)).toEqual([[5, 4]]);
    expect(last).toBeUndefined();
  });

  it('stand the same in whatever pages they come', () => {
    const point = fc.tuple(
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(becomes, becomes, changes, leaves, leaves, empties, retypes),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), sizes, (drawn, pageSizes) => {
        const placed = drawn.map(([minute, number, make], index): Placed => [minute, make(index + 1, number)]);
        const pages: Placed[][] = [];
        for (let from = 0; from < placed.length; from += pages.at(-1)!.length)
          pages.push(placed.slice(from, from + pageSizes[pages.length % pageSizes.length]!));
        const whole = wovenIn(placed);
        expect(wovenIn(...pages)).toEqual(whole);
        for (const { since, standing } of whole) expect(standing).toMatchObject(naively(placed, since));
      }),
    );
  });
});

/** What stands at a moment, from all points anew. */
const naively = (placed: readonly Placed[], since: Time): Partial<Standing> => {
  const upTo = placed
    .filter(([minute]) => at(minute) <= since)
    .toSorted(([a, p], [b, q]) => a - b || p.version - q.version);
  let current: number | null = null;
  let { environmentType, began, version } = atFirst;
  const become = (number: number | null, minute: number, by: number) => {
    if (number !== current) began = at(minute);
    [current, version] = [number, by];
  };
  for (const [minute, point] of upTo) {
    if (point.kind === 'retypes') environmentType = point.environmentType;
    if (point.kind === 'becomes') become(point.deployment.number, minute, point.version);
    if (point.kind === 'changes' && point.deployment.number === current) version = point.version;
    const isEnd = point.kind === 'empties' || (point.kind === 'leaves' && point.number === current);
    if (isEnd && current !== null) become(null, minute, point.version);
  }
  return { deployment: current === null ? null : deployment(current), environmentType, began, version };
};
