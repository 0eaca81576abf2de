import { between, schemaBreaks, type Direction } from './schema-breaks.js';
import { isObject, resolve, type Schema } from './schemas.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document is read here; its own schema says what it is.
type Json = any;
type Documents = Readonly<{ before: Json; after: Json }>;
type Route = Documents & Readonly<{ old: Json; new: Json; where: string }>;

/** What clients of the old document would miss in a service that is as the new one says, each with where; empty when nothing. */
export function openApiBreaks(before: Json, after: Json): string[] {
  const routes = Object.entries<Json>(before.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).flatMap(([method, old]) => {
      const where = `${method.toUpperCase()} ${path}`;
      const found = after.paths[path]?.[method];
      return found ? routeBreaks({ before, after, old, new: found, where }) : [`${where}: is gone`];
    }),
  );
  return [...routes, ...codeBreaks({ before, after })];
}

function routeBreaks(route: Route): string[] {
  const { old, new: now, where } = route;
  return [
    ...(old.operationId === now.operationId ? [] : [`${where}: was ${old.operationId}, is ${now.operationId}`]),
    ...(isOpen(route.before, old) && !isOpen(route.after, now) ? [`${where}: asks for a token`] : []),
    ...parameterBreaks(route),
    ...bodyBreaks(route),
    ...responseBreaks(route),
  ];
}

const isOpen = (document: Json, { security = document.security ?? [] }: Json): boolean => security.length === 0;

const compare = ({ before, after }: Documents, pair: readonly [Schema, Schema], how: [Direction, string]): string[] =>
  schemaBreaks({ before: pair[0], after: pair[1] }, between(before, after, how[0]), how[1]);

function parameterBreaks(route: Route): string[] {
  const { old, new: now, where } = route;
  const nameOf = (parameter: Json): string => `${parameter.in} ${parameter.name}`;
  const was: Json[] = old.parameters ?? [];
  const is: Json[] = now.parameters ?? [];
  const found = (parameter: Json): Json => is.find((each) => nameOf(each) === nameOf(parameter));
  const added = is.filter((each) => each.required && !was.some((one) => nameOf(one) === nameOf(each) && one.required));
  return [
    ...added.map((each) => `${where} ${nameOf(each)}: has become required`),
    ...was.flatMap((each) => {
      const at = `${where} ${nameOf(each)}`;
      return found(each) ? compare(route, [each.schema, found(each).schema], ['request', at]) : [`${at}: is gone`];
    }),
  ];
}

function bodyBreaks(route: Route): string[] {
  const { old, new: now, where } = route;
  const required = now.requestBody?.required && !old.requestBody?.required;
  return [
    ...(required ? [`${where} body: has become required`] : []),
    ...(old.requestBody ? contentBreaks(route, [old.requestBody, now.requestBody], ['request', `${where} body`]) : []),
  ];
}

function contentBreaks(
  route: Documents,
  [old, now]: readonly [Json, Json],
  [direction, where]: [Direction, string],
): string[] {
  return Object.entries<Json>(old.content ?? {}).flatMap(([type, { schema }]) => {
    const found = now?.content?.[type]?.schema;
    return found ? compare(route, [schema, found], [direction, `${where} ${type}`]) : [`${where} ${type}: is gone`];
  });
}

const isSuccess = (status: string): boolean => status < '400';

function responseBreaks(route: Route): string[] {
  const was = Object.entries<Json>(route.old.responses);
  const is = Object.keys(route.new.responses);
  const added = is.filter((status) => isSuccess(status) && !route.old.responses[status]);
  return [
    ...added.map((status) => `${route.where} ${status}: is an answer that nobody expects`),
    ...was.flatMap(([status, response]) => {
      const at = `${route.where} ${status}`;
      const found = route.new.responses[status];
      if (!found) return isSuccess(status) ? [`${at}: is gone`] : [];
      const pair = [resolve(response, route.before), resolve(found, route.after)].map(withoutCodes) as [Json, Json];
      return [...headerBreaks(pair, at), ...contentBreaks(route, pair, ['answer', at])];
    }),
  ];
}

/** Which codes a route refuses with may change: what they mean may not, and that is looked at for all routes at once. */
const withoutCodes = (response: Json): Json => ({
  ...response,
  content: Object.fromEntries(
    Object.entries<Json>(response.content ?? {}).map(([type, { schema }]) => [
      type,
      { schema: { ...schema, ...(schema.allOf ? { allOf: schema.allOf.slice(0, 1) } : {}) } },
    ]),
  ),
});

const headerBreaks = ([old, now]: readonly [Json, Json], where: string): string[] =>
  Object.entries<Json>(old.headers ?? {}).flatMap(([name, { required, schema }]) => {
    const found = now.headers?.[name];
    if (!found) return [`${where} header ${name}: is gone`];
    if (required && !found.required) return [`${where} header ${name}: may be left out`];
    return schema.pattern === found.schema.pattern ? [] : [`${where} header ${name}: is spelled otherwise`];
  });

/** Clients decide by codes: one that moves to another status, or goes, breaks them. */
function codeBreaks({ before, after }: Documents): string[] {
  const is = codesOf(after);
  return [...codesOf(before)].flatMap(([code, status]) => {
    const now = is.get(code);
    if (now === undefined) return [`code ${code}: is gone`];
    return now === status ? [] : [`code ${code}: was ${status}, is ${now}`];
  });
}

function codesOf(document: Json): Map<string, number> {
  const named = Object.values<Json>(document.components?.responses ?? {}).flatMap(({ content }) =>
    Object.values<Json>(content ?? {}).flatMap(({ schema }) =>
      ((schema.allOf ?? []) as Json[]).map(({ properties }) => properties).filter(isObject),
    ),
  ) as Json[];
  return new Map(
    named.flatMap(({ code, status }) => ((code?.enum ?? []) as string[]).map((each) => [each, status.const as number])),
  );
}
