import { isLink } from '../is-link.js';
import { objectIn } from '../kept.js';
import { int64In } from './identity.js';

const MOST = 255;
const MOST_OF_URL = 2_000;

/** The members of an object that is sent; what is wrong with them is gathered, so that all of it is told at once. */
export class Members {
  private readonly members: Readonly<Record<string, unknown>>;
  private readonly inner = new Map<string, Members>();

  constructor(
    value: unknown,
    readonly path: string,
    readonly faults: string[] = [],
  ) {
    this.members = objectIn(value) ?? {};
    if (!objectIn(value)) this.fault(`${path}: must be an object`);
  }

  fault(sentence: string): void {
    if (!this.faults.includes(sentence)) this.faults.push(sentence);
  }

  /** As it came; null counts as not given. */
  value(name: string): unknown {
    return this.members[name] ?? undefined;
  }

  object(name: string): Members {
    const known = this.inner.get(name) ?? new Members(this.value(name), `${this.path}.${name}`, this.faults);
    this.inner.set(name, known);
    return known;
  }

  /** A text that must be there, and may be empty. */
  text(name: string): string {
    if (this.value(name) === undefined) this.wrong(name, 'must be given');
    return this.optional(name);
  }

  optional(name: string): string {
    const value = this.value(name) ?? '';
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && [...text].length <= MOST) return text;
    this.wrong(name, `must be a text of up to ${MOST} characters`);
    return '';
  }

  id(name: string): string {
    const id = this.optional(name);
    if (id === '') this.wrong(name, `must be a text of 1 to ${MOST} characters`);
    return id;
  }

  url(name: string): string {
    const value = this.value(name);
    if (isLink(value) && value.length <= MOST_OF_URL) return value;
    this.wrong(name, `must be a URL of up to ${MOST_OF_URL} characters that begins with http:// or https://`);
    return '';
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const value = this.value(name);
    const found = values.find((each) => each === value);
    if (found === undefined) this.wrong(name, `must be one of ${values.join(', ')}`);
    return found ?? values[0]!;
  }

  int64(name: string): bigint {
    const integer = int64In(this.value(name));
    if (integer === undefined) this.wrong(name, 'must be an integer of 64 bits');
    return integer ?? 0n;
  }

  private wrong(name: string, why: string): void {
    this.fault(`${this.path}.${name}: ${why}`);
  }
}
