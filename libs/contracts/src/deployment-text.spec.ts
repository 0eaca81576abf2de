import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Deployment } from '#domain';
import { approve, create, refs, schedule } from '#domain/testing';
import { deploymentText, peopleInTexts } from './deployment-text.js';
import { story, told } from './testing/story.js';
import { presentDeployment } from './wire.js';

const people = new Map([['p-1', { id: 'ann', name: 'Ann "the" Ü' }]]);
const current = story.target.current!;
const [project, target] = ['octo "cat"', 'review/42'];
const shown = (deployment: Deployment, names = people) =>
  deploymentText(project, target, JSON.stringify(deployment), names);
const presented = (deployment: Deployment) => JSON.stringify(presentDeployment(project, target, deployment, people));

describe('a deployment as text', () => {
  it('is what presentDeployment makes of it, member by member, in every status', () => {
    const blocked = told(
      create({ approvals: [{ name: 'qa', required: 2 }] }),
      schedule({ version: '1', commitRefs: refs('a@1') }),
      approve(1, 'ann'),
    );
    expect(blocked.target.open[0]!.approvals).toHaveLength(1);
    for (const deployment of [current, ...story.target.open, ...blocked.target.open])
      expect(shown(deployment)).toBe(presented(deployment));
  });

  it('is that of whatever stands in its members, also of what looks like the members around them', () => {
    const tail = { clockVersion: null, dueVersion: null, endedVersion: null, approvals: [], approval: 'not_asked' };
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(JSON.stringify(tail), `,${JSON.stringify(tail).slice(1)}`, JSON.stringify(current), 'user"'),
    );
    const metadata = fc.oneof(fc.dictionary(text, fc.jsonValue()), fc.constantFrom({ tail, current }, tail));
    fc.assert(
      fc.property(text, metadata, (description, more) => {
        const deployment = { ...current, description, metadata: more as Deployment['metadata'] };
        expect(shown(deployment)).toBe(presented(deployment));
      }),
    );
  });

  it('is parsed where it was stored by a release that laid it out otherwise', () => {
    const { approval, number, ...rest } = current;
    for (const other of [
      { approval, number, ...rest },
      { number, approval, ...rest },
    ])
      expect(JSON.parse(shown(other))).toEqual(JSON.parse(presented(current)));
  });

  it('has the bytes that were stored', () => {
    const stored = JSON.stringify({ ...current, metadata: { a: 1 } }).replace('{"a":1}', '{"a":1.50,"\\u0041":"\\/"}');
    expect(deploymentText('p', 't', stored)).toContain('"metadata":{"a":1.50,"\\u0041":"\\/"}');
  });

  it('names people, and services as they are', () => {
    const byAnn = { ...current, actor: { id: 'p-1', kind: 'user' } as const };
    const byService = { ...current, actor: { id: 'p-1', kind: 'service' } as const, description: 'of a "user"' };
    expect(peopleInTexts([byAnn, byService, byAnn].map((each) => JSON.stringify(each)))).toEqual(['p-1']);
    expect(shown(byAnn)).toBe(presented(byAnn));
    expect(JSON.parse(shown(byAnn)).actor).toEqual({ id: 'ann', name: 'Ann "the" Ü', kind: 'user' });
    expect(JSON.parse(shown(byAnn, new Map())).actor).toEqual({ id: 'p-1', kind: 'user' });
    expect(JSON.parse(shown(byService)).actor).toEqual({ id: 'p-1', kind: 'service' });
  });

  it('is refused without an id', () => {
    expect(() => shown({ ...current, created: { version: 2, position: null } })).toThrow('is not filled in');
  });
});
