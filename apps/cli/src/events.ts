import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream, ReadableWritablePair } from 'node:stream/web';
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream';
import type { PresentedEvent } from '#contracts';
import { pathOf, readArguments, type Said } from './arguments.js';
import { configured, type Service } from './configure.js';
import { EXIT, Failure } from './exit-codes.js';
import { lineOfEvent } from './lines.js';
import { pause, reach, unreachable } from './service.js';
import type { Command, Terminal } from './terminal.js';

const PAUSE_MS = 1_000;

/** The log from its first event on, or behind one; with `--follow` also what comes, until the process is ended. */
const events: Command = async (args, terminal) => {
  const options = { after: { type: 'string' }, follow: { type: 'boolean' } } as const;
  const form = { usage: 'events [--after N] [--follow]', options, least: 0, most: 0 };
  const { said } = readArguments(form, args);
  const after = (said['after'] as string | undefined) ?? '0';
  if (!/^\d{1,15}$/.test(after))
    throw new Failure(EXIT.usage, `--after ${after}: must be the position of an event, or 0.`);
  const print = printer(terminal, said);
  if (said['follow']) await follow(configured(terminal), after, print);
  else await printAll(configured(terminal), after, print);
  return EXIT.ok;
};

export const eventCommands: Readonly<Record<string, Command>> = { events };

type Print = (line: string) => unknown;

const printer =
  (terminal: Terminal, said: Said): Print =>
  (line) =>
    terminal.out(said['json'] ? `${line}\n` : lineOfEvent(JSON.parse(line) as PresentedEvent));

async function printAll(service: Service, after: string, print: Print): Promise<void> {
  const body = await streamOf(service, `${pathOf('events')}?after=${after}`, { accept: 'application/x-ndjson' });
  const lines = createInterface({ input: Readable.fromWeb(body), crlfDelay: Infinity });
  try {
    for await (const line of lines) await print(line);
  } catch (error) {
    throw unreachable(service, error);
  }
}

/** Goes on behind the last event that was printed where the stream was cut. Throws a `Failure` where it cannot be had again. */
async function follow(service: Service, after: string, print: Print): Promise<never> {
  for (let last = after; ; await pause(PAUSE_MS)) {
    for await (const { id, data } of eventsBehind(service, last)) {
      await print(data);
      last = id ?? last;
    }
  }
}

async function* eventsBehind(service: Service, last: string): AsyncGenerator<EventSourceMessage> {
  const body = await streamOf(service, pathOf('events', 'live'), { 'last-event-id': last });
  try {
    // Node and its types have two kinds of the same streams.
    const texts = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>);
    yield* texts.pipeThrough(new EventSourceParserStream() as ReadableWritablePair<EventSourceMessage, string>);
  } catch {
    // Cut: whoever asks again goes on behind the last one.
  }
}

const streamOf = (service: Service, path: string, headers: Record<string, string>) =>
  reach(service, path, { headers }, async ({ body }) => body as ReadableStream<Uint8Array>);
