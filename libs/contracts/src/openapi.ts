import { readFileSync } from 'node:fs';
import type { JsonSchema } from './rules.js';

let read: JsonSchema | undefined;

/** `openapi.json` as `npm run contracts` made it from the routes, which a start would spend half a second on. */
export const openApiDocument = (): JsonSchema =>
  (read ??= JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as JsonSchema);
