import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from '@jest/globals';
import { refuseUndeclared } from './declared.js';
import { Needs, NeedsReading } from './needs.js';

@Controller('things')
class Declared {
  @Get(':id')
  @NeedsReading()
  get(): void {}

  @Post()
  @Needs('admin')
  post(): void {}

  helper(): void {}
}

@Controller('health')
class Open {
  @Get('live')
  live(): void {}
}

@Controller('/forgotten/')
class Forgotten {
  @Get(':id/parts')
  get(): void {}
}

const starting = async (...controllers: (new () => unknown)[]): Promise<string> => {
  @Module({ controllers })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  try {
    refuseUndeclared(app);
    return 'starts';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await app.close();
  }
};

it('lets the service start where each route says what it needs, or is open', async () => {
  expect(await starting(Declared, Open)).toBe('starts');
});

it('does not where a route was forgotten', async () => {
  expect(await starting(Declared, Forgotten)).toBe(
    'These routes do not say which scope they need: /forgotten/:id/parts.',
  );
});

it('does not take an open path for open below another controller', async () => {
  @Controller('api/health')
  class Below extends Open {}
  expect(await starting(Below)).toContain('/api/health/live');
});

it.each([
  ['above', [Needs('admin'), NeedsReading()]],
  ['below', [NeedsReading(), Needs('admin')]],
])('keeps what a route needs where it stands %s reading', (_, decorators) => {
  const handler = (): void => {};
  for (const decorate of decorators.toReversed()) decorate({}, 'handler', { value: handler });
  expect(Reflect.getMetadata('shiplog:needs', handler)).toBe('admin');
});
