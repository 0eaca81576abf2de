import type { FastifyRequest } from 'fastify';
import { toTime, type Time } from '#domain';
import { queryOf } from '../credentials.js';
import { badParameters } from './dialect.js';

const FLAGS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['true', 't', '1', 'on', 'yes', 'y'].map((text) => [text, true])),
  ...Object.fromEntries(['false', 'f', '0', 'off', 'no', 'n'].map((text) => [text, false])),
};

/** The parameters of a request, from its body, be that JSON or a form, and from its query; those that are not known are left alone. */
export class Params {
  private readonly given = new Map<string, unknown>();
  private readonly faults: string[] = [];

  constructor(request: FastifyRequest) {
    for (const [name, value] of queryOf(request)) this.given.set(name, value);
    const { body } = request;
    if (body === undefined || body === null) return;
    if (typeof body !== 'object' || Array.isArray(body))
      throw badParameters('The request body is not an object: send the parameters by their names.');
    for (const [name, value] of Object.entries(body)) this.given.set(name, value);
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  /** Throws what is wrong with all that was asked for so far. */
  check(): void {
    if (this.faults.length > 0) throw badParameters(this.faults.join(', '));
  }

  refuse(fault: string): void {
    this.faults.push(fault);
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    return this.invalid(name);
  }

  /** Empty text where it is missing, which is told by `check`. */
  required(name: string): string {
    if (!this.has(name)) this.refuse(`${name} is missing`);
    return this.text(name) ?? '';
  }

  /** One of these words; the first where it is missing, which is told by `check`. */
  requiredOneOf<W extends string>(name: string, words: readonly W[]): W {
    if (!this.has(name)) this.refuse(`${name} is missing`);
    return this.oneOf(name, words) ?? words[0]!;
  }

  requiredFlag(name: string): boolean {
    const value = this.value(name);
    if (value === undefined) this.refuse(`${name} is missing`);
    if (value === undefined || typeof value === 'boolean') return value ?? false;
    return FLAGS[spelled(value).toLowerCase()] ?? this.invalid(name) ?? false;
  }

  /** What is empty is not given. */
  oneOf<W extends string>(name: string, words: readonly W[]): W | undefined {
    const value = this.value(name);
    if (value === undefined || value === '') return undefined;
    const word = words.find((each) => each === value);
    if (word === undefined) this.refuse(`${name} does not have a valid value`);
    return word;
  }

  time(name: string): Time | undefined {
    const value = this.value(name);
    if (value === undefined || value === '') return undefined;
    return (typeof value === 'string' ? readTime(value) : undefined) ?? this.invalid(name);
  }

  /** Which page is asked for; beyond the bounds it is the nearest that there is. */
  page(): Readonly<{ page: number; perPage: number }> {
    const [page, perPage] = [this.integer('page') ?? 1, this.integer('per_page') ?? PER_PAGE];
    if (perPage === 0) this.refuse('per_page has a value not allowed');
    return {
      page: Math.min(Math.max(page, 1), MAX_PAGE),
      perPage: perPage < 0 ? PER_PAGE : Math.min(perPage, MAX_PER_PAGE),
    };
  }

  private integer(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined || value === '') return undefined;
    return /^-?\d{1,15}$/.test(spelled(value)) ? Number(value) : this.invalid(name);
  }

  private value(name: string): unknown {
    return this.given.get(name) ?? undefined;
  }

  private invalid(name: string): undefined {
    this.refuse(`${name} is invalid`);
  }
}

const PER_PAGE = 20;
const MAX_PER_PAGE = 100;
/** Beyond it `page * perPage` would leave the integers. */
const MAX_PAGE = 1_000_000_000;

/** ISO 8601 as scripts write it: with a date alone, without a zone, or with the `+` of the zone read as a space. */
function readTime(text: string): Time | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return toTime(`${text}T00:00:00Z`);
  const [, date, time, zone = ''] = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)(.*)$/s.exec(text) ?? [];
  if (date === undefined) return undefined;
  return toTime(`${date}T${time}${zoneOf(zone)}`);
}

function zoneOf(text: string): string {
  if (text === '' || text === ' UTC') return 'Z';
  return text.replace(/^ (?=\d\d:?\d\d$)/, '+').replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
}

/** The id of a deployment in a path. */
export function idIn(text: string, name = 'deployment_id'): string {
  if (!/^-?\d+$/.test(text)) throw badParameters(`${name} is invalid`);
  return text;
}

/** As a form would have it; '' for what is no single value. */
const spelled = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
