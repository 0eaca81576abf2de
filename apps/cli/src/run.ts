import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { PresentedAnswer } from '#contracts';
import { pathOf, readArguments } from './arguments.js';
import { configured, type Service } from './configure.js';
import { BRANCH, PARTICULARS, report, type Particulars } from './deployments.js';
import { EXIT, Failure } from './exit-codes.js';
import { lineOfAnswer } from './lines.js';
import { sendCommand } from './service.js';
import type { Command } from './terminal.js';

const USAGE = 'run PROJECT TARGET --version V [--commit …] [--…] -- COMMAND…';
/** As shells tell of a command that was not found, that could not be run, and that a signal ended. */
const [NOT_FOUND, NOT_RUN, BY_SIGNAL] = [127, 126, 128];
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Reports a start, runs the command, and reports its end: finished where it ends with 0, failed where it does not. Answers the
 * command's own exit code. Where the start is refused, nothing is run.
 */
export const runBetween: Command = async (args, terminal) => {
  const at = args.indexOf('--');
  const form = { usage: USAGE, options: { ...BRANCH, ...PARTICULARS }, least: 2, most: 2 };
  const { said, named } = readArguments(form, at < 0 ? args : args.slice(0, at));
  const [project, key] = named as [string, string];
  const [command, ...its] = at < 0 ? [] : args.slice(at + 1);
  if (command === undefined) throw new Failure(EXIT.usage, `usage: shiplog ${USAGE}`);
  const service = configured(terminal);
  const target = pathOf('projects', project, 'targets', key);
  const started = await report(service, `${target}/start`, said as Particulars);
  terminal.err(lineOfAnswer(started));
  const ended = await run(command, its);
  if (ended.said) terminal.err(`${ended.said}\n`);
  const answer = await reportEnd(service, `${target}/deployments/${started.deployment!.number}`, ended.code).catch(
    (error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      terminal.err(`The command ended with ${ended.code}, and that could not be reported: ${error.message}\n`);
    },
  );
  if (answer) terminal.err(lineOfAnswer(answer));
  if (answer && said['json']) await terminal.out(`${JSON.stringify(answer)}\n`);
  return ended.code;
};

type Ended = Readonly<{ code: number; said?: string }>;

/** What ends this process is told to the command, whose end is waited for: it is still to be reported. */
async function run(command: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(command, args, { stdio: 'inherit' });
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of PASSED_ON) process.on(signal, passOn);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code: code ?? BY_SIGNAL + constants.signals[signal!] };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code: code === 'ENOENT' ? NOT_FOUND : NOT_RUN, said: `${command} cannot be run: ${message}` };
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn);
  }
}

async function reportEnd(service: Service, path: string, code: number): Promise<PresentedAnswer> {
  const verb = code === 0 ? 'finish' : 'fail';
  const body = code === 0 ? {} : { reason: `The command ended with exit code ${code}.` };
  return (await sendCommand(service, { method: 'POST', path: `${path}/${verb}`, body })) as PresentedAnswer;
}
