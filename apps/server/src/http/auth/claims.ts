import { scopes as allScopes, type Scope } from '#contracts';
import { isKey } from '#domain';
import { ConfigError, type OidcRule } from '#runtime';
import type { Identity } from './identity.js';

/** What a token says of its bearer, once it is proved. */
export type Claims = Readonly<Record<string, unknown>>;

/** What a token is good for here. */
export type Grant = Readonly<{ name: string }> & Pick<Identity, 'scopes' | 'projects'>;

/**
 * What the first rule allows that matches. Undefined where none does, or where what it makes of the claims is no name or no key
 * of a project: another rule is not tried then, for it was not meant.
 */
export function grantOf(rules: readonly OidcRule[], claims: Claims): Grant | undefined {
  const rule = rules.find(({ claims: wanted }) =>
    Object.entries(wanted).every(([claim, pattern]) => fits(textOf(claims, claim), pattern)),
  );
  if (!rule) return undefined;
  const name = fill(rule.name, claims);
  // Only the rule itself can mean all: a claim that says `*` names a project.
  const projects = isAll(rule) ? [] : rule.projects.map((template) => fill(template, claims));
  if (![name, ...projects].every((text) => text !== undefined && isKey(text))) return undefined;
  return {
    name: name!,
    scopes: new Set(rule.scopes as Scope[]),
    projects: isAll(rule) ? '*' : new Set(projects as string[]),
  };
}

const isAll = ({ projects }: OidcRule): boolean => projects.length === 1 && projects[0] === '*';

/** Throws ConfigError where a rule allows what there is not. */
export function checkRules(rules: readonly OidcRule[]): void {
  const unknown = rules
    .flatMap(({ scopes }) => scopes)
    .find((scope) => !(allScopes as readonly string[]).includes(scope));
  if (unknown !== undefined)
    throw new ConfigError(
      `OIDC_ISSUERS must not name the unknown scope ${unknown}: there are ${allScopes.join(', ')}.`,
    );
  const mixed = rules.some((rule) => rule.projects.includes('*') && !isAll(rule));
  if (mixed) throw new ConfigError('OIDC_ISSUERS must not name projects beside *, which is all of them.');
}

const fill = (template: string, claims: Claims): string | undefined => {
  const named = [...template.matchAll(CLAIM)].map(([, claim]) => textOf(claims, claim!));
  return named.includes(undefined) ? undefined : template.replaceAll(CLAIM, () => named.shift()!);
};
const CLAIM = /\{([^{}]+)\}/g;

/** Tokens say some numbers and truths as texts, and some as what they are. */
const textOf = (claims: Claims, name: string): string | undefined => {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
};

/** `*` stands for any characters. In one walk: what is between the stars is found from left to right. */
const fits = (text: string | undefined, pattern: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (text === undefined || last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  const middle = text.slice(first.length, text.length - last.length);
  const end = rest.reduce((at, part) => (at < 0 ? at : endOf(middle, part, at)), 0);
  return end >= 0;
};

const endOf = (text: string, part: string, from: number): number => {
  const at = text.indexOf(part, from);
  return at < 0 ? -1 : at + part.length;
};
