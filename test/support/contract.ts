import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ajvKeywords } from '#contracts';
import { NONE, lineValues, unlike, type Unlike } from './contract-text.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document is read here, and read by its own schema elsewhere.
type Json = any;
type Answered = Readonly<{ status: number; headers: Headers; text: string }>;
type Route = Readonly<{ template: string; pattern: RegExp; methods: Record<string, Json> }>;

type Typed = Readonly<{ where: string; type: string; text: string }>;

/** Headers that mean something to a client of the service: an answer bears those that are documented, and no others. */
const OURS = ['etag', 'location', 'link', 'retry-after', 'www-authenticate', 'shiplog-position'];
/** What any request may meet that no route takes. */
const UNROUTED = [
  'not_found',
  'unauthorized',
  'bad_request',
  'unsupported_media_type',
  'too_large',
  'too_many_requests',
  'unavailable',
];

const known = new Map<string, Contract>();

/** What a running server says of itself in `/openapi.json`, and what each of its answers is held to. */
export class Contract {
  private readonly ajv = new Ajv2020({
    ...{ strict: false, validateFormats: false, keywords: ajvKeywords },
    // What each spec compiles anew runs a few times: quick to make goes before quick to run, by a factor of four.
    ...{ inlineRefs: false, code: { optimize: false } },
  });
  private readonly routes: readonly Route[];
  private readonly compiled = new Map<unknown, ValidateFunction>();

  private constructor(private readonly document: Json) {
    this.ajv.addSchema({ $id: 'openapi', components: closed(document.components) });
    this.routes = Object.entries<Record<string, Json>>(document.paths)
      .map(([template, methods]) => ({ template, methods, pattern: patternOf(template) }))
      // A name goes before a parameter in its place.
      .sort((a, b) => a.template.split('{').length - b.template.split('{').length);
  }

  /** The contract of the server at this URL. Servers that say the same share one, with all that it has compiled. */
  static async of(url: string): Promise<Contract> {
    const text = await (await fetch(`${url}/openapi.json`)).text();
    const contract = known.get(text) ?? new Contract(JSON.parse(text));
    known.set(text, contract);
    return contract;
  }

  /** Throws, saying where and why, when an answer is not as documented: its status, headers, media type and body. */
  check(method: string, path: string, answered: Answered): void {
    const { status, headers, text } = answered;
    const pathname = path.split('?')[0]!;
    if (pathname === '/docs' || pathname.startsWith('/docs/')) return;
    const found = this.find(method, pathname);
    const where = `${method} ${found?.template ?? path} → ${status}`;
    if (!found) return this.checkUnrouted(where, answered);
    const response = this.deref(found.operation.responses[status]);
    if (!response) throw unlike({ where, why: 'the status is not documented', text });
    checkHeaders(where, response.headers ?? {}, headers);
    const type = typeOf(headers, response.content);
    this.checkContent({ where, type, text }, method === 'HEAD' ? undefined : response.content);
  }

  /** Throws when a value is not as the component of this name. */
  checkValue(name: string, value: unknown): void {
    this.checkJson({ where: name, text: JSON.stringify(value) }, { $ref: `#/components/schemas/${name}` });
  }

  private find(method: string, path: string): { template: string; operation: Json } | undefined {
    const name = method === 'HEAD' ? 'get' : method.toLowerCase();
    const route = this.routes.find(({ pattern, methods }) => pattern.test(path) && methods[name]);
    return route && { template: route.template, operation: route.methods[name] };
  }

  private checkUnrouted(where: string, { headers, text }: Answered): void {
    const type = headers.get('content-type');
    if (text === '') return;
    if (type !== 'application/problem+json')
      throw unlike({ where, why: `no route is documented, and this is ${type}`, text });
    this.checkJson({ where, text }, { $ref: '#/components/schemas/Problem' });
    const { code } = JSON.parse(text) as { code: string };
    if (!UNROUTED.includes(code))
      throw unlike({ where, why: `no route is documented that refuses with ${code}`, text });
  }

  private checkContent({ type, ...at }: Typed, content: Record<string, Json> = {}): void {
    const types = Object.keys(content);
    if (types.length === 0 && at.text !== '') throw unlike({ ...at, why: 'nothing was to come' });
    if (types.length === 0) return;
    if (!content[type]) throw unlike({ ...at, why: `the media type is ${type}, not ${types.join(' or ')}` });
    const { schema } = content[type];
    if (/[/+]json$/.test(type)) return this.checkJson(at, schema);
    for (const text of schema.contentSchema ? lineValues(type, at.text) : NONE)
      this.checkJson({ where: `${at.where}, a line`, text }, schema.contentSchema);
  }

  private checkJson({ where, text }: Omit<Unlike, 'why'>, schema: object): void {
    const validate = this.compile(schema);
    if (!validate(JSON.parse(text))) throw unlike({ where, why: validate.errors ?? [], text });
  }

  private compile(schema: object): ValidateFunction {
    const known = this.compiled.get(schema) ?? this.compiled.get(JSON.stringify(schema));
    if (known) return known;
    const text = JSON.stringify(schema);
    const validate = this.ajv.compile(JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/', '"openapi#/')));
    this.compiled.set(schema, validate).set(text, validate);
    return validate;
  }

  private deref(what: Json): Json {
    if (!what?.$ref) return what;
    return (what.$ref as string)
      .split('/')
      .slice(1)
      .reduce((at, part) => at[part], this.document);
  }
}

const contracts = new Map<string, Promise<Contract>>();

/** `fetch` of an answer that ends; throws when it is not as the contract of the server that gave it has it. */
export async function fetchAsDocumented(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const { origin, pathname } = new URL(url);
  const contract = contracts.get(origin) ?? Contract.of(origin);
  contracts.set(origin, contract);
  const { status, headers } = response;
  (await contract).check(init.method ?? 'GET', pathname, { status, headers, text: await response.clone().text() });
  return response;
}

/** Clients must take members that they do not know; here each is one that the document forgot. */
export function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isShape = members['type'] === 'object' && typeof members['properties'] === 'object';
  return isShape ? { additionalProperties: false, ...members } : members;
}

/** With its parameters where it is documented with them. */
const typeOf = (headers: Headers, content: Record<string, Json> = {}): string => {
  const type = headers.get('content-type') ?? 'none';
  return type in content ? type : type.split(';')[0]!;
};

const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replace(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);

function checkHeaders(where: string, documented: Record<string, Json>, headers: Headers): void {
  for (const [name, { required, schema }] of Object.entries(documented)) {
    const value = headers.get(name);
    const fits = value === null ? !required : new RegExp(schema.pattern ?? '', 'u').test(value);
    if (!fits) throw unlike({ where, why: `the header ${name} is ${value}`, text: '' });
  }
  const names = Object.keys(documented).map((name) => name.toLowerCase());
  const extra = OURS.filter((name) => headers.has(name) && !names.includes(name));
  if (extra.length > 0) throw unlike({ where, why: `the header ${extra} is not documented`, text: '' });
}
