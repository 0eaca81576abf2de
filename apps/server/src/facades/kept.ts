import type { Metadata } from '#domain';
import type { Dialect } from './dialect.js';

/**
 * Metadata with what a dialect keeps in the member that bears its name; what users or other dialects keep stays. Commands
 * replace metadata whole, so it is made from what stands there.
 */
export const keeping = (stands: Metadata, { name }: Pick<Dialect, 'name'>, kept: object): Metadata => ({
  ...stands,
  [name]: kept,
});

/** What a dialect kept, which a user may have overwritten with anything: members of other types are left out. */
export const keptBy = (metadata: Metadata, { name }: Pick<Dialect, 'name'>): Readonly<Record<string, unknown>> =>
  objectIn(metadata[name]) ?? {};

export const objectIn = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
export const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const flagIn = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
export function withoutUndefined<T extends object>(object: T): Defined<T> {
  const defined: Defined<T> = {};
  for (const name in object) if (object[name] !== undefined) defined[name] = object[name] as Defined<T>[typeof name];
  return defined;
}
