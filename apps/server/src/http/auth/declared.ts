import type { INestApplicationContext, Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { isOpenRoute } from './access.js';
import { NEEDS } from './needs.js';

/** Where Nest keeps the paths and the method of a route. */
const PATH = 'path';
const METHOD = 'method';

/** Throws where a route neither says which scope it needs nor is open to all: it was forgotten. */
export function refuseUndeclared(app: INestApplicationContext): void {
  const controllers = [...app.get(ModulesContainer).values()].flatMap(({ controllers: of }) => [...of.values()]);
  const undeclared = controllers.flatMap(({ metatype }) => routesOf(metatype as Type)).filter(isForgotten);
  if (undeclared.length === 0) return;
  throw new Error(`These routes do not say which scope they need: ${undeclared.map(({ path }) => path).join(', ')}.`);
}

type Route = Readonly<{ path: string; scope: unknown }>;

const isForgotten = ({ path, scope }: Route): boolean => scope === undefined && !isOpenRoute(path);

function routesOf(controller: Type): Route[] {
  const reflector = new Reflector();
  const base: unknown = reflector.get(PATH, controller);
  return new MetadataScanner().getAllMethodNames(controller.prototype as object).flatMap((name) => {
    const handler = (controller.prototype as Record<string, () => unknown>)[name]!;
    if (reflector.get(METHOD, handler) === undefined) return [];
    const parts = `${String(base)}/${String(reflector.get(PATH, handler))}`.split('/').filter((part) => part !== '');
    return [{ path: `/${parts.join('/')}`, scope: reflector.get(NEEDS, handler) }];
  });
}
