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
