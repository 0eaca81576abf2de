import type { PresentedDeployment } from '#contracts';
import { pathOf, readArguments, type Said } from './arguments.js';
import { configured } from './configure.js';
import { EXIT, Failure } from './exit-codes.js';
import { lineOfHistory } from './lines.js';
import { itemsOf } from './service.js';
import type { Command, Terminal } from './terminal.js';

const PAGE = 200;

type List<T> = Readonly<{
  path: string;
  asked?: Readonly<Record<string, string | undefined>>;
  lineOf: (item: T) => string;
}>;

/** Prints a list of the API, all pages of it: a line each as they come, or as one JSON document. Answers the exit code. */
export async function printList<T>(
  terminal: Terminal,
  said: Said,
  { path, asked = {}, lineOf }: List<T>,
): Promise<number> {
  const given = Object.entries(asked).filter((each): each is [string, string] => each[1] !== undefined);
  const most = mostOf(said['limit']);
  const query = new URLSearchParams([...given, ['limit', String(Math.min(most, PAGE))]]);
  const items: T[] = [];
  let shown = 0;
  for await (const item of itemsOf<T>(configured(terminal), path, query)) {
    if (said['json']) items.push(item);
    else await terminal.out(lineOf(item));
    shown += 1;
    if (shown === most) break;
  }
  if (said['json']) await terminal.out(`${JSON.stringify({ items })}\n`);
  return EXIT.ok;
}

function mostOf(limit: Said[string]): number {
  if (limit === undefined) return Infinity;
  if (!/^[1-9]\d{0,8}$/.test(String(limit)))
    throw new Failure(EXIT.usage, `--limit ${limit}: must be a number from 1 on.`);
  return Number(limit);
}

const current: Command = (args, terminal) => {
  const options = { at: { type: 'string' } } as const;
  const form = { usage: 'current [PROJECT] [--at TIME]', options, least: 0, most: 1 };
  const { said, named } = readArguments(form, args);
  const asked = { project: named[0], at: said['at'] as string | undefined };
  return printList<PresentedDeployment>(terminal, said, { path: pathOf('current'), asked, lineOf: lineOfHistory });
};

const history: Command = (args, terminal) => {
  const options = { limit: { type: 'string' } } as const;
  const form = { usage: 'history PROJECT TARGET [--limit N]', options, least: 2, most: 2 };
  const { said, named } = readArguments(form, args);
  const [project, key] = named as [string, string];
  const path = pathOf('projects', project, 'targets', key, 'deployments');
  return printList<PresentedDeployment>(terminal, said, { path, lineOf: lineOfHistory });
};

export const listCommands: Readonly<Record<string, Command>> = { current, history };
