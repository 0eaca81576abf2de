import { runVerifier } from '#audit';
import { configure } from './configure.js';
import { deploymentCommands } from './deployments.js';
import { eventCommands } from './events.js';
import { EXIT, Failure } from './exit-codes.js';
import { listCommands } from './lists.js';
import { runBetween } from './run.js';
import { targetCommands } from './targets.js';
import type { Command, Terminal } from './terminal.js';
import { USAGE } from './usage.js';

/** The commands, by their names. */
const commands: Readonly<Record<string, Command>> = {
  'audit verify': runVerifier,
  configure,
  ...deploymentCommands,
  ...targetCommands,
  ...listCommands,
  ...eventCommands,
  run: runBetween,
};

const JSON_TOO = '--json';

/** Does what the arguments of `shiplog` say, and resolves with its exit code. */
export async function shiplog(args: readonly string[], terminal: Terminal): Promise<number> {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (['help', '-h'].includes(own[0]!) || own.includes('--help')) return help(terminal.out, EXIT.ok);
  // Said before the command it is meant for it.
  const begun = args[0] === JSON_TOO ? args.slice(1) : args;
  const name = [begun.slice(0, 2).join(' '), begun[0] ?? ''].find((each) => Object.hasOwn(commands, each));
  if (name === undefined) return help(terminal.err, EXIT.usage);
  const its = begun.slice(name.split(' ').length);
  try {
    return await commands[name]!(begun === args ? its : [JSON_TOO, ...its], terminal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.err(`${error.message}\n`);
    return error.code;
  }
}

async function help(print: Terminal['out'], code: number): Promise<number> {
  await print(USAGE);
  return code;
}
