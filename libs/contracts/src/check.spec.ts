import { describe, expect, it } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { publicCommandTypes } from '#domain';
import { ajvKeywords, check, explain, faultsByClass } from './check.js';
import { httpBodies, recordData, type Dto } from './dto/bodies.dto.js';
import { faultOf } from './inspect.js';
import { schemaOf } from './schema.js';
import { hostile, nearValidBody, validBody } from './testing/bodies.js';

const ajv = new Ajv({ formats: { 'date-time': true }, keywords: ajvKeywords });

/** Fails where only one of the schema and class-validator takes the body. */
const judge = (Dto: Dto, accepts: ValidateFunction, body: object): void => {
  // What class-validator overlooks has a test of its own.
  if (faultOf(body) || JSON.stringify(body).includes('"toString":')) return;
  const found = faultsByClass(Dto, body);
  if (accepts(body) !== (found.length === 0)) throw new Error(JSON.stringify({ body, found, errors: accepts.errors }));
};

describe.each(publicCommandTypes)('%s', (type) => {
  const Dto = httpBodies[type];

  const accepts = ajv.compile(schemaOf(Dto));

  it('takes every valid body', () => {
    fc.assert(
      fc.property(validBody(type), (body) => expect(explain(Dto, body)).toEqual([])),
      { numRuns: 30 },
    );
  });

  it('is taken or refused by the schema and by class-validator alike', () => {
    fc.assert(
      fc.property(nearValidBody(type), (body) => judge(Dto, accepts, body)),
      { numRuns: 50 },
    );
  });

  it('is so with each hostile value for each member', () => {
    const base = type === 'CreateTarget' ? { key: 'production' } : {};
    for (const name of Object.keys(schemaOf(Dto)['properties'] as object))
      for (const value of hostile) judge(Dto, accepts, { ...base, [name]: value });
  });

  it('refuses what is no object', () => {
    for (const value of [null, [], 'text', 5, true, undefined])
      expect(() => check(Dto, value)).toThrow('body: must be object');
  });
});

it('a key as long as a body may be is refused at once, whatever is in it', () => {
  const began = performance.now();
  const key = `a${'\u0301'.repeat(65_000)}${'\u0316'.repeat(65_000)}`;
  expect(explain(httpBodies.CreateTarget, { key })).toMatchObject([{ field: 'key' }]);
  expect(performance.now() - began).toBeLessThan(2_000);
});

describe('explain', () => {
  const { StartDeployment, CreateTarget } = httpBodies;

  it('names every member at fault, in the words of class-validator', () => {
    const body = {
      version: '',
      commitRefs: [
        { repository: 'web-shop', branch: 'main' },
        { repository: 'web-shop', branch: 5, tag: 'x' },
      ],
      externalLink: { url: 'javascript:alert(1)' },
      metadata: null,
      surplus: 1,
    };
    expect(explain(StartDeployment, body)).toEqual([
      { field: 'surplus', message: 'is not a member here' },
      {
        field: 'externalLink.url',
        message: 'must be a URL of up to 2000 characters that begins with http:// or https://',
      },
      {
        field: 'metadata',
        message: 'must be an object of at most 64 members and 16 KiB of JSON',
      },
      { field: 'version', message: 'must be text of 1 to 255 characters without control characters' },
      { field: 'commitRefs[1].tag', message: 'is not a member here' },
      {
        field: 'commitRefs[1].branch',
        message: 'must be text of 1 to 500 characters without control characters',
      },
    ]);
  });

  it.each<[string, Dto, object, string]>([
    ['is missing', recordData.ApproveDeployment, {}, 'number: must be given'],
    ['is missing further in', StartDeployment, { externalLink: {} }, 'externalLink.url: must be given'],
    ['is no number', recordData.ApproveDeployment, { number: '1' }, 'number: must be an integer number'],
    ['is no object', StartDeployment, { claimedBy: null }, 'claimedBy: must be an object'],
    ['is no list', StartDeployment, { commitRefs: 'x' }, 'commitRefs: must be an array'],
    ['has an item that is no object', StartDeployment, { commitRefs: ['x'] }, 'commitRefs[0]: must be an object'],
    ['has an item that is null', StartDeployment, { commitRefs: [null] }, 'commitRefs[0]: must be an object'],
    [
      'has a list as item',
      StartDeployment,
      { commitRefs: [[]] },
      'commitRefs: each value in commitRefs must be an object',
    ],
    [
      'is no duration',
      CreateTarget,
      { key: 'a', settings: { hanging: { afterMinutes: 'x' } } },
      'settings.hanging.afterMinutes: must be a number',
    ],
    ['is too small', recordData.ApproveDeployment, { number: 0 }, 'number: must not be less than 1'],
  ])('says in one sentence that a member %s', (_, Dto, value, said) => {
    expect(explain(Dto, value).map(({ field, message }) => `${field}: ${message}`)).toEqual([said]);
  });

  it('takes null where it clears something, and nowhere else', () => {
    expect(explain(StartDeployment, { externalLink: null, description: null, scheduledFor: null })).toEqual([]);
    expect(explain(CreateTarget, { key: 'a', name: null, description: null, externalUrl: null })).toEqual([]);
    for (const name of ['version', 'commitRefs', 'metadata', 'supersede', 'occurredAt', 'claimedBy'])
      expect(explain(StartDeployment, { [name]: null }).map(({ field }) => field)).toContain(name);
    for (const name of ['repositories', 'environmentType', 'labels', 'settings'])
      expect(explain(CreateTarget, { key: 'a', [name]: null }).map(({ field }) => field)).toContain(name);
  });

  it('refuses one branch of a repository twice, however it is spelled', () => {
    const commitRefs = [
      { repository: 'web-shop', branch: 'main' },
      { repository: 'web-shop', branch: 'refs/heads/main', commit: 'abc1234' },
    ];
    expect(explain(StartDeployment, { commitRefs })).toEqual([
      { field: 'commitRefs', message: 'must not name one branch of a repository twice' },
    ]);
  });

  it.each(['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'isPrototypeOf'])(
    'refuses the unknown member %s, which every object seems to have',
    (name) => {
      expect(explain(StartDeployment, { [name]: 1 })).toEqual([{ field: name, message: 'is not a member here' }]);
    },
  );

  it('stays short of what was sent to keep it busy', () => {
    const commitRefs = Array.from({ length: 80_000 }, () => ({}));
    expect(explain(StartDeployment, { version: 5, commitRefs })).toHaveLength(1);
    const names = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`k${index}`, 1]));
    expect(() => check(StartDeployment, names)).toThrow(/k19: is not a member here$/);
  });
});
