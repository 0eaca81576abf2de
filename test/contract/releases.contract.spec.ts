import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { essenceOf } from '../../tools/contracts/essence.js';
import type { Loose } from '../support/server.js';
import { asyncApiBreaks } from './compatibility/asyncapi-breaks.js';
import { openApiBreaks } from './compatibility/openapi-breaks.js';

const folder = new URL('../../libs/contracts/', import.meta.url);
const read = (path: string): Loose => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));
const [last] = readdirSync(new URL('releases/', folder)).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));

describe.each([
  ['openapi.json', openApiBreaks],
  ['asyncapi.json', asyncApiBreaks],
] as const)('%s', (name, breaksOf) => {
  const now = read(name);

  it(`breaks nobody who relies on ${last}`, () => {
    expect(breaksOf(read(`releases/${last}/${name}`), now)).toEqual([]);
  });

  it('is kept for its release with all that is compared', () => {
    const kept = essenceOf(now);
    expect([breaksOf(kept, now), breaksOf(now, kept)]).toEqual([[], []]);
  });

  it('is kept without words', () => {
    expect(JSON.stringify(essenceOf(now))).not.toContain('"summary":"');
  });
});

describe('a member that goes', () => {
  const document = read('openapi.json');
  const { schemas } = document.components;
  const without = (name: string, member: string): Loose => {
    const { [member]: _, ...properties } = schemas[name].properties;
    const changed = { ...schemas[name], properties };
    return { ...document, components: { ...document.components, schemas: { ...schemas, [name]: changed } } };
  };
  const names = [
    'Answer',
    'Deployment',
    'Target',
    'Event',
    'Outcome',
    'Problem',
    'DeploymentFinished',
    'StartDeployment',
  ];

  it.each(names)('is missed, whichever it is of %s', (name) => {
    const members = Object.keys(schemas[name].properties);
    expect(members.length).toBeGreaterThan(4);
    const unnoticed = members.filter((member) => openApiBreaks(document, without(name, member)).length === 0);
    expect(unnoticed).toEqual([]);
  });
});
