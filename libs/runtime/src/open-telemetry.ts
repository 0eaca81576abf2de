import { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Logger } from './logger.js';
import { within } from './shutdown.js';
import type { BeginSpan, Span, Tracing } from './tracing.js';

const SERVICE = 'shiplog';
/** The exporter tries again for longer than anybody waits for a stop. */
const LAST_TRACES_MS = 3_000;

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Spans in batches to an OTLP collector; the SDK itself reads where it is and how much is sampled from `OTEL_*`. */
export function openTelemetry(log: Logger): Tracing {
  const say = (message: string): void => log.warn({ reason: message }, 'OpenTelemetry complains');
  const quiet = (): void => undefined;
  diag.setLogger({ error: say, warn: say, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': SERVICE }).merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer(SERVICE);
  // Parents come and go as text, in requests, records and the log: there is no context to be kept beside it.
  const begin: BeginSpan = (name, { kind, parent, attributes = {} }) =>
    spanOf(tracer.startSpan(name, { kind: kinds[kind], attributes }, parent ? contextOf(parent) : ROOT_CONTEXT));
  const lost = (err: unknown): void => log.warn({ err }, 'The last traces are lost');
  return { begin, close: () => within(LAST_TRACES_MS, provider.shutdown()).catch(lost) };
}

function contextOf(traceparent: string): Context {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

function spanOf(span: ReturnType<ReturnType<NodeTracerProvider['getTracer']>['startSpan']>): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    end(error, attributes) {
      if (attributes) span.setAttributes({ ...attributes });
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) });
      span.end();
    },
  };
}

/** Messages of errors may have keys of projects in them; what is said in words of ours has not. */
function nameOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof Error ? error.name : 'Error';
}
