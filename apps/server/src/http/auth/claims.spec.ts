import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { loadConfig, type OidcRule } from '#runtime';
import { checkRules, grantOf, type Claims } from './claims.js';

const github: Claims = {
  sub: 'repo:octo/shop:ref:refs/heads/main',
  repository: 'octo/shop',
  repository_owner: 'octo',
  ref: 'refs/heads/main',
  run_attempt: 1,
};
const rule = (more: Partial<OidcRule> = {}): OidcRule => ({
  claims: { repository_owner: 'octo', ref: 'refs/heads/*' },
  projects: ['{repository}'],
  scopes: ['deployments:write'],
  name: '{repository}',
  ...more,
});
const matches = (pattern: string, ref: string): boolean =>
  grantOf([rule({ claims: { ref: pattern } })], { ...github, ref }) !== undefined;

describe('a rule', () => {
  it('makes name and projects from claims', () => {
    expect(grantOf([rule()], github)).toEqual({
      name: 'octo/shop',
      scopes: new Set(['deployments:write']),
      projects: new Set(['octo/shop']),
    });
  });

  it.each([
    [{ repository_owner: 'evil' }],
    [{ repository_owner: 'octo2' }],
    [{ repository_owner: undefined }],
    [{ repository_owner: ['octo'] }],
    [{ ref: 'refs/tags/heads/1' }],
  ])('does not match with %j', (claims) => {
    expect(grantOf([rule()], { ...github, ...claims })).toBeUndefined();
  });

  it.each([
    ['refs/heads/*', 'refs/heads/a/b', true],
    ['refs/heads/*', 'refs/heads/', true],
    ['refs/heads/*', 'xrefs/heads/a', false],
    ['*/main', 'refs/heads/main', true],
    ['*/main', 'refs/heads/main2', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['*', '', true],
    ['**', 'x', true],
    ['a.c', 'abc', false],
    ['a.c', 'a.c', true],
    ['[a]+', '[a]+', true],
  ])('pattern %j on %j: %j', (pattern, ref, expected) => {
    expect(matches(pattern, ref)).toBe(expected);
  });

  it('is not kept busy by a pattern of many stars', () => {
    const began = performance.now();
    expect(matches('*a'.repeat(50) + 'b', 'a'.repeat(10_000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('reads numbers and truths as texts', () => {
    const claims = { run_attempt: '1', protected: 'true' };
    expect(grantOf([rule({ claims })], { ...github, protected: true })).toBeDefined();
  });

  it('is the first that matches, even where its claims do not make a name', () => {
    const broken = rule({ name: '{environment}' });
    expect(grantOf([broken, rule()], github)).toBeUndefined();
    expect(grantOf([rule({ claims: { ref: 'no' } }), rule()], github)).toBeDefined();
  });

  it('means all projects only where it says so itself', () => {
    expect(grantOf([rule({ projects: ['*'] })], github)?.projects).toBe('*');
    expect(grantOf([rule()], { ...github, repository: '*' })?.projects).toEqual(new Set(['*']));
  });

  it.each(['', ' x', '..', 'a\nb', 'e\u0301'])('makes no project %j', (repository) => {
    expect(grantOf([rule()], { ...github, repository })).toBeUndefined();
  });

  it('cannot be told by members that every object has', () => {
    expect(grantOf([rule({ claims: { constructor: '*' } })], github)).toBeUndefined();
    expect(grantOf([rule({ name: '{toString}' })], github)).toBeUndefined();
  });

  it('stands as an example in issuers.example.json, for jobs of GitHub and GitLab', () => {
    const path = fileURLToPath(new URL('../../../issuers.example.json', import.meta.url));
    const [ofGithub, ofGitlab] = loadConfig({ OIDC_ISSUERS: path }).oidcIssuers.map(({ rules }) => rules);
    expect(() => checkRules([...ofGithub!, ...ofGitlab!])).not.toThrow();
    expect(grantOf(ofGithub!, github)).toMatchObject({ name: 'github/octo/shop', projects: new Set(['octo/shop']) });
    expect(grantOf(ofGithub!, { ...github, ref: 'refs/pull/1/merge' })?.scopes).toEqual(new Set(['deployments:read']));
    const gitlab = { namespace_path: 'octo', project_path: 'octo/app', ref_protected: 'true' };
    expect(grantOf(ofGitlab!, gitlab)).toMatchObject({ name: 'gitlab/octo/app', projects: new Set(['octo/app']) });
    expect(grantOf(ofGitlab!, { ...gitlab, ref_protected: 'false' })).toBeUndefined();
  });

  it('may not allow what there is not', () => {
    expect(() => checkRules([rule({ scopes: ['deployments:wirte'] })])).toThrow('unknown scope deployments:wirte');
    expect(() => checkRules([rule({ projects: ['*', 'a'] })])).toThrow('beside *');
    expect(() => checkRules([rule()])).not.toThrow();
  });
});
