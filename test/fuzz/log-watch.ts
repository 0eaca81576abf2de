import { StringDecoder } from 'node:string_decoder';
import type { Reader } from '../support/replica.js';

/** The logger shortens texts; whoever writes more than this at once does not use it. */
const LONGEST_LINE = 64 * 1024;
const LEVELS: readonly unknown[] = ['debug', 'info', 'warn', 'error', 'fatal'];
/** As the service makes them, whoever got one: no line may hold it. */
const TOKENS = /shl_[0-9A-Za-z]{20,}/;

type Output = { readonly decoder: StringDecoder; rest: string };

/**
 * Reads all that a process writes, piece by piece, and keeps none of it: each line has to be one that its logger wrote, whole
 * and without a control character, and hold no secret. `fault` is told of each that is not.
 */
export class LogWatch {
  lines = 0;
  readonly #outputs = new Map<string, Output>();
  #pid: unknown;

  constructor(
    private readonly secrets: readonly string[],
    private readonly fault: (what: string) => void,
  ) {}

  readonly read: Reader = (piece, output) => {
    const of = this.#outputs.get(output) ?? { decoder: new StringDecoder('utf8'), rest: '' };
    this.#outputs.set(output, of);
    // By LF alone: to readline a CR in the middle of a line would end it.
    const lines = (of.rest + of.decoder.write(piece)).split('\n');
    of.rest = lines.pop()!;
    for (const line of lines) this.#look(line);
    if (of.rest.length <= LONGEST_LINE) return;
    this.#look(of.rest);
    of.rest = '';
  };

  /** Nothing more comes. */
  end(): void {
    for (const { rest } of this.#outputs.values()) if (rest !== '') this.fault(`ends within a line: ${shown(rest)}`);
  }

  #look(line: string): void {
    this.lines += 1;
    if (this.secrets.some((secret) => line.includes(secret)) || TOKENS.test(line))
      this.fault(`holds a secret: ${shown(line)}`);
    if (/\p{Cc}/u.test(line)) this.fault(`holds a control character: ${shown(line)}`);
    if (!this.#isWritten(line)) this.fault(`is not what the logger writes: ${shown(line)}`);
  }

  /** Of the one process: who forges a line does not know its number. */
  #isWritten(line: string): boolean {
    try {
      const { level, time, pid, name, msg } = JSON.parse(line) as Record<string, unknown>;
      this.#pid ??= pid;
      const isOurs = typeof pid === 'number' && pid === this.#pid && name === 'shiplog';
      return isOurs && LEVELS.includes(level) && typeof msg === 'string' && !Number.isNaN(Date.parse(String(time)));
    } catch {
      return false;
    }
  }
}

const shown = (line: string): string => JSON.stringify(line.slice(0, 300));
