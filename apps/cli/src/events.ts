import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadableStream, ReadableWritablePair } from 'node:stream/web';
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream';
import type { PresentedEvent } from '#contracts';
import { pathOf, readArguments, type Said } from './arguments.js';
import { configured, type Service } from './configure.js';
import { EXIT, Failure } from './exit-codes.js';
import { lineOfEvent } from './lines.js';
import { reach, unreachable } from './service.js';
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
  const printing = { service: configured(terminal), after, print: printer(terminal, said) };
  if (said['follow']) await follow(printing, terminal);
  else await printAll(printing);
  return EXIT.ok;
};

export const eventCommands: Readonly<Record<string, Command>> = { events };

type Printing = Readonly<{ service: Service; after: string; print: (line: string) => unknown }>;

const printer =
  (terminal: Terminal, said: Said): Printing['print'] =>
  (line) =>
    terminal.out(said['json'] ? `${line}\n` : lineOfEvent(JSON.parse(line) as PresentedEvent));

/** Goes on behind the last event that was printed where the answer was cut, as long as that leads further. */
async function printAll({ service, after, print }: Printing): Promise<void> {
  for (let last = after; ;) {
    const body = await streamOf(service, `${pathOf('events')}?after=${last}`, { accept: 'application/x-ndjson' });
    let line: string | undefined;
    try {
      for await (line of linesOf(body)) await print(line);
      return;
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
      if (line === undefined) throw unreachable(service, error.cause);
      last = String((JSON.parse(line) as PresentedEvent).position);
    }
  }
}

/** Goes on behind the last event that was printed where the stream was cut, and waits for a service that was there once. */
async function follow({ service, after, print }: Printing, { err }: Terminal): Promise<never> {
  let wasThere = false;
  for (let last = after; ; await sleep(PAUSE_MS)) {
    try {
      const body = await streamOf(service, pathOf('events', 'live'), { 'last-event-id': last });
      wasThere = true;
      for await (const { id, data } of messagesOf(body)) {
        await print(data);
        last = id ?? last;
      }
    } catch (error) {
      const isAway = error instanceof Failure && error.code === EXIT.unreachable && wasThere;
      if (!isAway && !(error instanceof Cut)) throw error;
      if (isAway) err(`${error.message}; asking again\n`);
    }
  }
}

/** What was being read ended before its end. */
class Cut extends Error {
  override readonly name = 'Cut';
}

/** Not by readline: newer ones end a line at U+2028 as well, which JSON may have in a text. What a cut has left of a line is none. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of piped(body, new TextDecoderStream())) {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

const messagesOf = (body: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage> =>
  piped<EventSourceMessage>(body, new TextDecoderStream(), new EventSourceParserStream());

/** What comes out at the end of these pipes. Throws Cut where the body was cut. */
async function* piped<T = string>(body: ReadableStream, ...pipes: readonly object[]): AsyncGenerator<T> {
  try {
    // Node and its types have two kinds of the same streams.
    yield* pipes.reduce((stream: ReadableStream, pipe) => stream.pipeThrough(pipe as ReadableWritablePair), body);
  } catch (error) {
    throw new Cut('The answer was cut.', { cause: error });
  }
}

const streamOf = (service: Service, path: string, headers: Record<string, string>) =>
  reach(service, path, { headers }, async ({ body }) => body as ReadableStream<Uint8Array>);
