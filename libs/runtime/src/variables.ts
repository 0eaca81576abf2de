import { isIP } from 'node:net';

/** What is wrong with a value, as the second half of a sentence: `must be a port from 0 to 65535`. */
export class Invalid extends Error {}

/** One row of the configuration table: the variable, what it is when it is not given, what it means, how it is read. */
export type Variable<T> = Readonly<{
  name: string;
  /** As the table shows it. */
  byDefault: string;
  meaning: string;
  /** Never shown, not even in the sentence that refuses it. */
  secret?: true;
  /** Not given, it allows everything: so an empty one, by which somebody may have meant nothing, is not taken for that. */
  limits?: true;
  /** Gets the text without the spaces around it, undefined where the variable is missing, or empty and no limit; throws `Invalid`. */
  read: (text: string | undefined) => T;
}>;

type Reader<T> = (text: string) => T;

export const or =
  <T, D>(fallback: D, read: Reader<T>): Variable<T | D>['read'] =>
  (text) =>
    text === undefined ? fallback : read(text);

export const optional = <T>(read: Reader<T>): Variable<T | undefined>['read'] => or(undefined, read);

export const text: Reader<string> = (value) => value;

export const matching =
  (pattern: RegExp, allowed: string): Reader<string> =>
  (value) => {
    if (!pattern.test(value)) throw new Invalid(`must be ${allowed}`);
    return value;
  };

export const integer =
  (from: number, to: number): Reader<number> =>
  (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < from || number > to)
      throw new Invalid(`must be an integer from ${from} to ${to}`);
    return number;
  };

export const flag: Reader<boolean> = (value) => {
  if (value !== 'true' && value !== 'false') throw new Invalid('must be true or false');
  return value === 'true';
};

export const list =
  <T>(item: Reader<T>): Reader<readonly T[]> =>
  (value) =>
    Object.freeze(
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map(item),
    );

export const oneOf =
  <T extends string>(allowed: readonly T[]): Reader<T> =>
  (value) => {
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw new Invalid(`must be one of ${allowed.join(', ')}`);
    return found;
  };

export const url =
  (...schemes: string[]): Reader<URL> =>
  (value) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (!parsed || !schemes.includes(parsed.protocol.slice(0, -1)))
      throw new Invalid(`must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`);
    return parsed;
  };

/** So many bits of an address: one address alone has all of them. */
export type Subnet = Readonly<{ address: string; bits: number; family: 'ipv4' | 'ipv6' }>;

export const subnet: Reader<Subnet> = (value) => {
  const [address = '', bits] = value.split('/');
  const version = isIP(address);
  const all = version === 4 ? 32 : 128;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (version === 0 || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > all)))
    throw new Invalid('must be a list of addresses and networks, such as 10.0.0.0/8, separated by commas');
  return { address, bits: bits === undefined ? all : Number(bits), family };
};
