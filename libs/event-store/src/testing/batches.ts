import { randomBytes, randomUUID } from 'node:crypto';
import { NO_STREAM, type Batch, type DecidedCommand, type NewEvent } from '../types.js';

/** A stream as its writer knows it. */
export type Known = Readonly<{ stream: string; head: string; version: number }>;

/** A command with what was decided, still without its place in a batch. */
export type Decided = Readonly<Pick<DecidedCommand, 'commandId' | 'fingerprint' | 'outcome' | 'events'>>;

/** A stream that nobody wrote to yet. */
export const newStream = (): Known => ({ stream: `stream-${randomUUID()}`, head: NO_STREAM, version: 0 });

export const newEvent = (more: Partial<NewEvent> = {}): NewEvent => ({
  id: randomUUID(),
  type: 'Happened',
  data: '{"n":1}',
  metadata: '{"actor":{"id":"a","kind":"service"}}',
  occurredAt: '2026-11-20T10:00:00.000001Z',
  ...more,
});

/** A command with so many events; none is a rejection or a no-op. */
export const decided = (events: number | readonly NewEvent[], more: Partial<Decided> = {}): Decided => ({
  commandId: randomUUID(),
  fingerprint: randomBytes(32),
  outcome: '{"outcome":"accepted"}',
  events: typeof events === 'number' ? Array.from({ length: events }, () => newEvent()) : events,
  ...more,
});

/** The state that `batchOf` gives to a stream at a version. */
export const stateAt = (version: number): string => `{"version": ${version}}`;

/** Commands in order of arrival as one batch, and the streams as they stand if it passes, in order of appearance. */
export const batchOf = (...entries: ReadonlyArray<readonly [Known, Decided]>): { batch: Batch; after: Known[] } => {
  const known: Known[] = [];
  const after: Known[] = [];
  const commands = entries.map(([stream, command]): DecidedCommand => {
    let index = known.findIndex((other) => other.stream === stream.stream);
    if (index === -1) index = known.push(stream) - 1;
    const before = after[index] ?? stream;
    const version = before.version + command.events.length;
    after[index] = { ...before, version, head: command.events.at(-1)?.id ?? before.head };
    return { stream: index, version, ...command };
  });
  const streams = known.map(({ stream, head }, index) => ({
    stream,
    expectedHead: head,
    state: stateAt(after[index]?.version ?? 0),
  }));
  return { batch: { streams, commands }, after };
};

/** Appends commands to one stream and answers it as it stands then; throws if it did not pass. */
export const write = async (
  store: { append(batch: Batch): Promise<{ refused: ReadonlyMap<number, unknown> }> },
  stream: Known,
  ...commands: readonly Decided[]
): Promise<Known> => {
  const { batch, after } = batchOf(...commands.map((command) => [stream, command] as const));
  const { refused } = await store.append(batch);
  const [last] = after;
  if (refused.size > 0 || !last) throw new Error(`Stream ${stream.stream} did not pass.`);
  return last;
};
