export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** One piece of work in a trace. `end` is to be called once, with the error where it failed. */
export type Span = Readonly<{
  /** The W3C trace parent that what it causes goes on with. */
  traceparent: string;
  end(error?: unknown, attributes?: SpanAttributes): void;
}>;

/** Begins a span now: below `parent`, a valid W3C trace parent, or a trace of its own. */
export type BeginSpan = (
  name: string,
  about: Readonly<{ kind: SpanKind; parent?: string | undefined; attributes?: SpanAttributes }>,
) => Span;

/** `begin` is missing where nobody traces: `begin?.(…)` does not even make its arguments then. */
export type Tracing = Readonly<{
  begin?: BeginSpan;
  /** Sends what was not sent yet; what the collector does not take in time is lost. */
  close(): Promise<void>;
}>;
