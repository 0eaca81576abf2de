import { readFileSync } from 'node:fs';
import type { JsonSchema } from './rules.js';

/** `openapi.json` as `npm run contracts` made it from the routes, which a start would spend half a second on; read anew each time. */
export const openApiDocument = (): JsonSchema =>
  JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as JsonSchema;
