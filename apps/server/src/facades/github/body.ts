import { invalidRequest } from './dialect.js';

/** The members of a body, each held to its type in GitHub's words; those that are not known are left alone. */
export class Body {
  private readonly members: Readonly<Record<string, unknown>>;

  constructor(body: unknown) {
    if (body !== undefined && body !== null && (typeof body !== 'object' || Array.isArray(body)))
      throw invalidRequest("For 'root', the body is not an object.");
    this.members = { ...(body as object | null | undefined) };
  }

  /** As it came; null counts as not given. */
  value(name: string): unknown {
    return this.members[name] ?? undefined;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.members, name);
  }

  text(name: string, max = Infinity): string | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw this.wrong(name, 'string');
    if ([...value].length > max) throw invalidRequest(`"${name}" is too long (maximum is ${max} characters).`);
    return value;
  }

  required(name: string): string {
    const text = this.text(name)?.trim();
    if (!text) throw invalidRequest(`"${name}" wasn't supplied.`);
    return text;
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    // Scripts send what their environment holds, which is text.
    if (value === 'true' || value === 'false') return value === 'true';
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.wrong(name, 'boolean');
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      throw this.wrong(name, 'array of strings');
    return value;
  }

  private wrong(name: string, type: string): Error {
    return invalidRequest(
      `For 'properties/${name}', ${JSON.stringify(this.value(name)).slice(0, 100)} is not of type ${type}.`,
    );
  }
}
