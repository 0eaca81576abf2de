import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createLogger } from './logger.js';
import { startTracing } from './start-tracing.js';

let collector: Server;
const endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT';
beforeEach(async () => {
  collector = createServer((_, response) => response.writeHead(400).end());
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  process.env[endpoint] = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterEach(() => {
  delete process.env[endpoint];
  collector.close();
});

it('ends where the collector takes nothing, and says so', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const tracing = await startTracing(true, createLogger({ stream }));
  tracing.begin!('POST /finish', { kind: 'server' }).end();
  await expect(tracing.close()).resolves.toBeUndefined();
  expect(lines.join('')).toContain('The last traces are lost');
});
