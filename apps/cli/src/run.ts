import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import type { PresentedAnswer } from '#contracts';
import { pathOf, readArguments } from './arguments.js';
import { configured, type Service } from './configure.js';
import { bodyOf, PARTICULARS, report, type Particulars } from './deployments.js';
import { EXIT, Failure } from './exit-codes.js';
import { lineOfAnswer } from './lines.js';
import { sendCommand, type Patience } from './service.js';
import type { Command } from './terminal.js';

const USAGE = 'run PROJECT TARGET --version V [--commit …]… [--…] -- COMMAND…';
/** As shells tell of a command that was not found, that could not be run, and that a signal ended. */
const [NOT_FOUND, NOT_RUN, BY_SIGNAL] = [127, 126, 128];
/** A deployment takes long, and what came of it is told once. */
const END_MS = 240_000;

/**
 * Reports a start, runs the command, and reports its end: finished where it ends with 0, failed where it does not. Answers the
 * command's own exit code. Where the start is refused, nothing is run.
 */
export const runBetween: Command = async (args, terminal) => {
  const at = args.indexOf('--');
  const form = { usage: USAGE, options: PARTICULARS, least: 2, most: 2 };
  const { said, named } = readArguments(form, at < 0 ? args : args.slice(0, at));
  const [project, key] = named as [string, string];
  const [command, ...its] = at < 0 ? [] : args.slice(at + 1);
  if (!command || !said['version']) throw new Failure(EXIT.usage, `usage: shiplog ${USAGE}`);
  const service = configured(terminal);
  const target = pathOf('projects', project, 'targets', key);
  const signals = new Signals();
  try {
    const started = await report(service, `${target}/start`, bodyOf(said as Particulars), {
      until: signals.next(),
    });
    terminal.err(lineOfAnswer(started));
    const ended = signals.first ? notBegun(signals.first) : await run(command, its, signals);
    if (ended.said) terminal.err(`${ended.said}\n`);
    const end = { service, path: `${target}/deployments/${started.deployment!.number}`, ended };
    const atFirst = ({ message }: Failure) => terminal.err(`${message}; asking again\n`);
    const answer = await reportEnd(end, { forMs: END_MS, until: signals.next(), atFirst }).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      terminal.err(`The command ended with ${ended.code}, and that could not be reported: ${error.message}\n`);
    });
    if (answer) terminal.err(lineOfAnswer(answer));
    // A line of its own, wherever the command's last one ended. Whoever has stopped reading still gets the exit code.
    if (answer && said['json'])
      await Promise.resolve(terminal.out(`\n${JSON.stringify(answer)}\n`)).catch(() => undefined);
    return ended.code;
  } finally {
    signals.release();
  }
};

type Ended = Readonly<{ code: number; said?: string }>;

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** A terminal sends these to the command itself as well. */
const FROM_KEYS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/** What would end this process is told to the command, whose end is waited for: it is still to be reported. */
class Signals {
  /** The first that came. */
  first: NodeJS.Signals | undefined;
  #child: ChildProcess | undefined;
  #next = new AbortController();

  constructor() {
    for (const signal of PASSED_ON) process.on(signal, this.#take);
  }

  passOnTo(child: ChildProcess): void {
    this.#child = child;
  }

  /** Aborted by the next one; none goes on to the command any more. */
  next(): AbortSignal {
    this.#child = undefined;
    this.#next = new AbortController();
    return this.#next.signal;
  }

  release(): void {
    for (const signal of PASSED_ON) process.off(signal, this.#take);
  }

  readonly #take = (signal: NodeJS.Signals): void => {
    this.first ??= signal;
    this.#next.abort();
    // Not process.stdin: to look at it would open what the command reads from.
    if (!(isatty(0) && FROM_KEYS.includes(signal))) this.#child?.kill(signal);
  };
}

const codeOf = (signal: NodeJS.Signals): number => BY_SIGNAL + constants.signals[signal];

const notBegun = (signal: NodeJS.Signals): Ended => ({
  code: codeOf(signal),
  said: `${signal} came before the command`,
});

async function run(command: string, args: readonly string[], signals: Signals): Promise<Ended> {
  let child: ChildProcess;
  try {
    child = spawn(command, args, { stdio: 'inherit' });
    await once(child, 'spawn');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code: code === 'ENOENT' ? NOT_FOUND : NOT_RUN, said: `${command} cannot be run: ${message}` };
  }
  // Of a signal that the command may not be sent: it goes on, and so does the waiting.
  child.on('error', () => undefined);
  signals.passOnTo(child);
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? codeOf(signal!) }));
  });
}

type End = Readonly<{ service: Service; path: string; ended: Ended }>;

async function reportEnd({ service, path, ended: { code } }: End, patience: Patience): Promise<PresentedAnswer> {
  const verb = code === 0 ? 'finish' : 'fail';
  const body = code === 0 ? {} : { reason: `The command ended with exit code ${code}.` };
  const order = { method: 'POST', path: `${path}/${verb}`, body } as const;
  return (await sendCommand(service, order, patience)) as PresentedAnswer;
}
