import { runVerifier } from '#audit';
import { configure } from './configure.js';
import { deploymentCommands } from './deployments.js';
import { EXIT, Failure } from './exit-codes.js';
import type { Command, Terminal } from './terminal.js';
import { USAGE } from './usage.js';

/** The commands, by their names. */
const commands: Readonly<Record<string, Command>> = {
  'audit verify': runVerifier,
  configure,
  ...deploymentCommands,
};

const HELP = ['--help', '-h', 'help'];

/** Runs what the arguments of `shiplog` say, and resolves with its exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.some((arg) => HELP.includes(arg)) && args.length <= 3) return help(terminal.out, EXIT.ok);
  const name = [args.slice(0, 2).join(' '), args[0] ?? ''].find((each) => Object.hasOwn(commands, each));
  if (name === undefined) return help(terminal.err, EXIT.usage);
  try {
    return await commands[name]!(args.slice(name.split(' ').length), terminal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.err(`${error.message}\n`);
    return error.code;
  }
}

function help(print: (text: string) => void, code: number): number {
  print(USAGE);
  return code;
}
