import type { Message } from 'kafkajs';
import type { BeginSpan, Span } from '#runtime';

/**
 * Sends, and where somebody traces gives each record with a trace parent a span that goes on with the trace of its
 * command: its readers go on from that span.
 */
export async function tracedSend<T>(
  topic: string,
  messages: readonly Message[],
  begin: BeginSpan | undefined,
  send: (messages: readonly Message[]) => Promise<T>,
): Promise<T> {
  if (!begin) return send(messages);
  const traced = messages.map((message) => ({ message, span: spanOf(message, topic, begin) }));
  const end = (error?: unknown): void => traced.forEach(({ span }) => span?.end(error));
  try {
    const sent = await send(traced.map(({ message, span }) => (span ? goingOnFrom(span, message) : message)));
    end();
    return sent;
  } catch (error) {
    end(error);
    throw error;
  }
}

function spanOf({ headers }: Message, topic: string, begin: BeginSpan): Span | undefined {
  const parent = headers?.['traceparent'];
  if (typeof parent !== 'string') return undefined;
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'send',
    'messaging.destination.name': topic,
  };
  return begin(`send ${topic}`, { kind: 'producer', parent, attributes });
}

const goingOnFrom = ({ traceparent }: Span, message: Message): Message => ({
  ...message,
  headers: { ...message.headers, traceparent },
});
