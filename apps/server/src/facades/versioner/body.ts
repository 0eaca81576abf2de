import { toTime, type Time } from '#domain';
import { invalidMember } from './dialect.js';

const MAX_EXTRA = 100 * 1024;

/** The members of a body, each held to its type and length; an empty text counts as not given, as null does. */
export class Body {
  private readonly members: Readonly<Record<string, unknown>>;
  private readonly read = new Set<string>();

  constructor(body: unknown) {
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw invalidMember('', 'Input should be a valid object', 'model_type');
    this.members = { ...body };
  }

  text(name: string, max: number): string | undefined {
    this.read.add(name);
    const value = this.members[name];
    if (value === undefined || value === null || value === '') return undefined;
    // Scripts send numbers of builds and runs as numbers.
    const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
    if (typeof text !== 'string') throw invalidMember(name, 'Input should be a valid string', 'string_type');
    if (text.length > max && [...text].length > max)
      throw invalidMember(name, `String should have at most ${max} characters`, 'string_too_long');
    return text;
  }

  required(name: string, max: number): string {
    const text = this.text(name, max);
    if (text === undefined || text.trim() === '') throw invalidMember(name, 'Field required', 'missing');
    return text;
  }

  flag(name: string): boolean {
    this.read.add(name);
    const value = this.members[name];
    if (value === undefined || value === null || value === false || value === 'false') return false;
    if (value === true || value === 'true') return true;
    throw invalidMember(name, 'Input should be a valid boolean', 'bool_type');
  }

  /** A moment, in UTC where it says no offset, as Python writes it. */
  time(name: string): Time | undefined {
    const text = this.text(name, 64);
    if (text === undefined) return undefined;
    const time = toTime(text) ?? toTime(`${text.replace(' ', 'T')}Z`);
    if (time === undefined) throw invalidMember(name, 'Input should be a valid datetime', 'datetime_parsing');
    return time;
  }

  /** What the client adds of its own, and every member that nobody asked for: they are merged, not refused. */
  extra(): Readonly<Record<string, unknown>> {
    this.read.add('extra_metadata');
    const extra = this.members['extra_metadata'] ?? {};
    if (typeof extra !== 'object' || Array.isArray(extra))
      throw invalidMember('extra_metadata', 'Input should be a valid dictionary', 'dict_type');
    if (JSON.stringify(extra).length > MAX_EXTRA)
      throw invalidMember('extra_metadata', `Should be at most ${MAX_EXTRA} bytes of JSON`);
    const others = Object.entries(this.members).filter(([name, value]) => !this.read.has(name) && value !== null);
    return { ...Object.fromEntries(others), ...extra };
  }
}
