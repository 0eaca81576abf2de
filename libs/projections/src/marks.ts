import { hash } from 'node:crypto';
import type { Metadata } from '#domain';

/** The letters of ASCII alone, as PostgreSQL does it in collation C. */
export const inSmall = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Bytes of UTF-8: an entry of an index has room for 2,704, and the names of a target may take 2,400 of them. */
export const LONGEST = 100;

const markOf = (kind: string, text: string): string =>
  `${kind}:${Buffer.byteLength(text) > LONGEST ? hash('sha256', text, 'base64url') : text}`;

/** An issue as deployments are found by it: capital and small letters are the same. */
export const issueMark = (key: string): string => markOf('issue', inSmall(key));

/** A property as deployments are found by it. */
export const propertyMark = (name: string, value: string): string => markOf('property', JSON.stringify([name, value]));

/** Where Jira's dialect keeps the issues of a deployment, and its properties, in the metadata. */
export const ISSUE_LISTS = [
  ['jira', 'associations', 'issueKeys'],
  ['jira', 'associations', 'issueIdOrKeys'],
] as const;
export const PROPERTIES = ['jira', 'properties'] as const;

/** What the metadata of a deployment says that it is to be found by; nothing for most. Anybody may have written anything there. */
export const marksIn = (metadata: Metadata): readonly string[] => {
  if (metadata['jira'] === undefined) return [];
  const issues = ISSUE_LISTS.flatMap((path) => textsIn(memberOf(metadata, path)));
  const properties = Object.entries(objectIn(memberOf(metadata, PROPERTIES)) ?? {});
  return [
    ...issues.map(issueMark),
    ...properties.flatMap(([name, value]) => (typeof value === 'string' ? [propertyMark(name, value)] : [])),
  ];
};

const memberOf = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => objectIn(inner)?.[name], value);

const objectIn = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
