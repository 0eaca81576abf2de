import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EXIT, Failure } from './exit-codes.js';

export type Options = NonNullable<ParseArgsConfig['options']>;
export type Said = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** How a command is called: `usage` as `shiplog --help` has it, and how many arguments it takes besides its options. */
export type Form = Readonly<{ usage: string; options: Options; least: number; most: number }>;

/** What was said, `json` with it, which every command takes. Throws a `Failure` where that is no call of this form. */
export function readArguments({ usage, options, least, most }: Form, args: readonly string[]) {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options: { ...options, json: { type: 'boolean' } },
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

export const pathOf = (...segments: readonly string[]): string =>
  `/api/v1/${segments.map(encodeURIComponent).join('/')}`;
