import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './index.js';

const rule = { claims: { repository_owner: 'octo' }, projects: ['{repository}'], scopes: ['admin'], name: 'ci' };
const issuer = { issuer: 'https://token.example', audience: 'shiplog', rules: [rule] };
const read = (value: unknown) =>
  loadConfig({ OIDC_ISSUERS: typeof value === 'string' ? value : JSON.stringify(value) }).oidcIssuers;

describe('OIDC_ISSUERS', () => {
  it('is a list of issuers with their rules, frozen', () => {
    const [first] = read([{ ...issuer, jwksUri: 'https://token.example/keys' }]);
    expect(first).toEqual({ ...issuer, jwksUri: new URL('https://token.example/keys') });
    expect([first, first!.rules, first!.rules[0], first!.rules[0]!.claims].every(Object.isFrozen)).toBe(true);
  });

  it('may stand in a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'issuers-'));
    writeFileSync(join(folder, 'issuers.json'), JSON.stringify([issuer]));
    expect(read(join(folder, 'issuers.json'))).toEqual([issuer]);
    await rm(folder, { recursive: true });
  });

  it('takes plain http from this machine alone', () => {
    expect(read([{ ...issuer, issuer: 'http://127.0.0.1:8080' }])).toHaveLength(1);
    expect(() => read([{ ...issuer, issuer: 'http://127.0.0.1.evil.example' }])).toThrow('https');
  });

  it.each([
    ['/no/such/file', 'path of a file'],
    ['[', 'JSON'],
    ['[]', 'at least one'],
    [[{ ...issuer, issuer: 'http://token.example' }], 'https URL as issuer'],
    [[{ ...issuer, jwksUri: 'http://token.example/keys' }], 'https URL as jwksUri'],
    [[{ ...issuer, audience: '' }], 'a text as audience'],
    [[{ ...issuer, audience: undefined }], 'audience beside'],
    [[{ ...issuer, clockTolerance: 1 }], 'unknown member clockTolerance'],
    [[issuer, issuer], 'twice'],
    [[{ ...issuer, rules: [] }], 'at least one'],
    [[{ ...issuer, rules: [{ ...rule, claims: {} }] }], 'at least one claim'],
    [[{ ...issuer, rules: [{ ...rule, claims: { a: 1 } }] }], 'a text as claim a'],
    [[{ ...issuer, rules: [{ ...rule, projects: [] }] }], 'at least one'],
    [[{ ...issuer, rules: [{ ...rule, scope: 'admin' }] }], 'unknown member scope'],
    [['x'], 'objects'],
  ])('refuses %j: %s', (value, why) => {
    expect(() => read(value)).toThrow(why);
  });
});
