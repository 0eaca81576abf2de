import { readFileSync } from 'node:fs';
import { Invalid } from './variables.js';

/** Whom a rule lets in, and as what: texts in which `{claim}` stands for what the token says. */
export type OidcRule = Readonly<{
  /** What each claim must be; `*` stands for any characters. */
  claims: Readonly<Record<string, string>>;
  /** Keys of projects, or `*` alone for all. */
  projects: readonly string[];
  scopes: readonly string[];
  /** Of the actor. */
  name: string;
}>;

/** Somebody whose tokens are taken, and what they allow: the first rule that matches decides. */
export type OidcIssuer = Readonly<{
  issuer: string;
  audience: string;
  /** Where its keys are; by default where its discovery document says. */
  jwksUri?: URL;
  rules: readonly OidcRule[];
}>;

/** A JSON list of issuers, or the path of a file that has it. */
export function oidcIssuers(value: string): readonly OidcIssuer[] {
  const issuers = listIn(parse(value.startsWith('[') ? value : contentOf(value)), 'the list of issuers').map(issuerIn);
  const twice = issuers.find(({ issuer }, at) => issuers.findIndex((other) => other.issuer === issuer) !== at);
  if (twice) throw new Invalid(`must not name the issuer ${twice.issuer} twice`);
  return Object.freeze(issuers);
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Invalid(`must be a JSON list or the path of a file with one (${(error as Error).message})`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Invalid(`must be JSON (${(error as Error).message})`);
  }
}

function issuerIn(value: unknown): OidcIssuer {
  const { issuer, audience, jwksUri, rules } = membersOf(value, ['issuer', 'audience', 'rules'], ['jwksUri']);
  const name = secureUrl(issuer, 'issuer');
  return Object.freeze({
    // As it stands in its tokens, to the letter.
    issuer: textIn(issuer, 'issuer'),
    audience: textIn(audience, `audience of ${name.href}`),
    ...(jwksUri === undefined ? {} : { jwksUri: secureUrl(jwksUri, 'jwksUri') }),
    rules: Object.freeze(listIn(rules, `rules of ${name.href}`).map(ruleIn)),
  });
}

function ruleIn(value: unknown): OidcRule {
  const { claims, projects, scopes, name } = membersOf(value, ['claims', 'projects', 'scopes', 'name']);
  const wanted = Object.entries(objectIn(claims)).map(([claim, pattern]) => [claim, textIn(pattern, `claim ${claim}`)]);
  // An issuer such as GitHub vouches for everybody: a rule that asks for nothing would let all of them in.
  if (wanted.length === 0) throw new Invalid('must have at least one claim in each rule');
  return Object.freeze({
    claims: Object.freeze(Object.fromEntries(wanted) as Record<string, string>),
    projects: texts(projects, 'projects'),
    scopes: texts(scopes, 'scopes'),
    name: textIn(name, 'name'),
  });
}

type Members = Readonly<Record<string, unknown>>;

function objectIn(value: unknown): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new Invalid('must have objects in it');
}

/** The members of an object that must have some, may have others, and has no more. */
function membersOf(value: unknown, must: readonly string[], may: readonly string[] = []): Members {
  const members = objectIn(value);
  const missing = must.find((name) => !Object.hasOwn(members, name));
  if (missing !== undefined) throw new Invalid(`must have ${missing} beside ${must.join(', ')}`);
  const unknown = Object.keys(members).find((name) => !must.includes(name) && !may.includes(name));
  if (unknown !== undefined) throw new Invalid(`must not have the unknown member ${unknown}`);
  return members;
}

function listIn(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw new Invalid(`must have at least one item in ${what}`);
}

const texts = (value: unknown, what: string): readonly string[] =>
  Object.freeze(listIn(value, what).map((each) => textIn(each, what)));

function textIn(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Invalid(`must have a text as ${what}`);
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether what comes from there comes from there: over https, or from this machine. Who changes keys on their way can be anybody. */
export const isSecureUrl = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
};

function secureUrl(value: unknown, what: string): URL {
  const text = textIn(value, what);
  if (!isSecureUrl(text)) throw new Invalid(`must have an https URL as ${what}`);
  return new URL(text);
}
