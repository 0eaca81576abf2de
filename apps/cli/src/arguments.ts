import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EXIT, Failure } from './exit-codes.js';

export type Options = NonNullable<ParseArgsConfig['options']>;
export type Said = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** How a command is called: `usage` as `shiplog --help` has it, and how many arguments it takes besides its options. */
export type Form = Readonly<{ usage: string; options: Options; least: number; most: number }>;

/** What was said, `json` with it, which every command takes. Throws a `Failure` where that is no call of this form. */
export function readArguments({ usage, options, least, most }: Form, args: readonly string[]) {
  const all: Options = { ...options, json: { type: 'boolean' } };
  let parsed;
  try {
    parsed = parseArgs({
      args: withValues(all, args),
      options: all,
      allowPositionals: true,
    });
  } catch (error) {
    throw new Failure(EXIT.usage, `${(error as Error).message}\nusage: shiplog ${usage}`);
  }
  const { values, positionals } = parsed;
  if (positionals.length < least || positionals.length > most || positionals.includes(''))
    throw new Failure(EXIT.usage, `usage: shiplog ${usage}`);
  return { said: values as Said, named: positionals };
}

const OPTION = /^--?[a-z][a-z-]*(=|$)/i;

/** An option that takes a text gets what stands behind it also where that begins with a dash, as messages may: unless it may be an option itself. */
function withValues(options: Options, args: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [arg, next = ''] = [args[at]!, args[at + 1]];
    const takesText = arg.startsWith('--') && options[arg.slice(2)]?.type === 'string';
    const isDashed = takesText && next.startsWith('-') && next !== '--' && !OPTION.test(next);
    joined.push(isDashed ? `${arg}=${next}` : arg);
    if (isDashed) at += 1;
  }
  return joined;
}

export const pathOf = (...segments: readonly string[]): string =>
  `/api/v1/${segments.map(encodeURIComponent).join('/')}`;
