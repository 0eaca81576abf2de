import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { readArguments } from './arguments.js';
import { EXIT, Failure } from './exit-codes.js';
import type { Command, Terminal } from './terminal.js';

/** Where the service is, without a slash at the end, and the token to send there. */
export type Service = Readonly<{ url: string; token: string }>;

const fileOf = ({ env }: Terminal): string => join(env['HOME'] || homedir(), '.shiplog', 'client-config');

/** Keeps them where only this user can read them. */
export const configure: Command = async (args, terminal) => {
  const { named } = readArguments({ usage: 'configure URL TOKEN', options: {}, least: 2, most: 2 }, args);
  const [url, token] = named as [string, string];
  const file = fileOf(terminal);
  const service = serviceOf(url, token);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${JSON.stringify(service)}\n`, { mode: 0o600 });
    // The mode above is for a file that was not there.
    chmodSync(file, 0o600);
  } catch (error) {
    throw new Failure(EXIT.usage, `${file} cannot be written: ${(error as Error).message}`);
  }
  terminal.err(`Kept in ${file}.\n`);
  return EXIT.ok;
};

/** What the environment says, else what was configured. */
export function configured(terminal: Terminal): Service {
  const said = { url: terminal.env['SHIPLOG_URL'] || undefined, token: terminal.env['SHIPLOG_TOKEN'] || undefined };
  const kept = said.url && said.token ? {} : read(fileOf(terminal));
  const { url = kept.url } = said;
  const token = said.token ?? keptFor(url, kept);
  if (url === undefined || token === undefined)
    throw new Failure(
      EXIT.usage,
      'Where is the service? Run `shiplog configure URL TOKEN`, or set SHIPLOG_URL and SHIPLOG_TOKEN.',
    );
  return serviceOf(url, token);
}

/** A token goes to the service that it was kept for, and nowhere else. */
function keptFor(url: string | undefined, kept: Partial<Service>): string | undefined {
  if (url !== undefined && kept.token !== undefined && bare(url) !== bare(kept.url ?? ''))
    throw new Failure(EXIT.usage, `The token that was kept is for ${kept.url}: set SHIPLOG_TOKEN as well.`);
  return kept.token;
}

function read(file: string): Partial<Service> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Failure(EXIT.usage, `${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    return (JSON.parse(text) as Partial<Service> | null) ?? {};
  } catch {
    throw new Failure(EXIT.usage, `${file} is not JSON: run \`shiplog configure URL TOKEN\` again.`);
  }
}

function serviceOf(url: string, token: string): Service {
  // It is not said again: in its place may stand the token.
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new Failure(EXIT.usage, 'The URL is none of http:// or https://.');
  const { username, password } = new URL(url);
  if (username || password) throw new Failure(EXIT.usage, 'The URL has a name or a password in it: give a token.');
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Failure(EXIT.usage, 'The token has characters that no token has.');
  return { url: bare(url), token };
}

const bare = (url: string): string => url.replace(/\/+$/, '');
