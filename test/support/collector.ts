import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as OTLP writes it in JSON; `parentSpanId` is missing or empty where it begins a trace. */
export type CollectedSpan = Readonly<{
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status: { code?: number };
  attributes: ReadonlyArray<Readonly<{ key: string; value: Readonly<Record<string, unknown>> }>>;
}>;

type Sent = { resourceSpans: { resource: unknown; scopeSpans: { spans: CollectedSpan[] }[] }[] };

/** A collector of OpenTelemetry traces: OTLP over HTTP in JSON, on a free port of this machine. */
export type Collector = Readonly<{
  endpoint: string;
  spans: readonly CollectedSpan[];
  /** Resolves with the spans of a trace when there are so many; throws with their names when that takes too long. */
  trace(traceId: string, count: number): Promise<CollectedSpan[]>;
  close(): Promise<void>;
}>;

const WITHIN_MS = 30_000;

export const startCollector = async (): Promise<Collector> => {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    void json(request).then((sent) => {
      for (const { scopeSpans } of (sent as Sent).resourceSpans)
        spans.push(...scopeSpans.flatMap((each) => each.spans));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const trace = async (traceId: string, count: number): Promise<CollectedSpan[]> => {
    const found = (): CollectedSpan[] => spans.filter((span) => span.traceId === traceId);
    for (const late = performance.now() + WITHIN_MS; found().length < count;) {
      if (performance.now() > late)
        throw new Error(`Of ${count} spans only ${JSON.stringify(found().map(({ name }) => name))}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return found();
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    trace,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
