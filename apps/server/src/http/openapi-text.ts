import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { createLogger, loadConfig } from '#runtime';
import { AppModule } from '../app.module.js';
import { openApiOf } from './openapi-document.js';

/** The text of openapi.json, made from the routes without starting anything. */
export async function openApiText(): Promise<string> {
  const module = AppModule.of(loadConfig({}), createLogger({ level: 'silent' }));
  const app = await NestFactory.create(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  return `${JSON.stringify(openApiOf(app), null, 2)}\n`;
}
