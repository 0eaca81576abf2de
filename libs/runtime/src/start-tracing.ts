import type { Logger } from './logger.js';
import type { Tracing } from './tracing.js';

/**
 * Traces by OpenTelemetry, sent by OTLP over HTTP as the variables `OTEL_*` say; nothing of it is even loaded where
 * they are off.
 */
export async function startTracing(on: boolean, log: Logger): Promise<Tracing> {
  if (!on) return { close: async () => undefined };
  const { openTelemetry } = await import('./open-telemetry.js');
  return openTelemetry(log);
}
