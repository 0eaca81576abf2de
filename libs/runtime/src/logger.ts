import { types } from 'node:util';
import { destination, pino, type Logger as Pino } from 'pino';

/** One line of JSON per call. Only scalars and `err` get into it, so that no payload can by mistake. */
export type Logger = Readonly<Record<'debug' | 'info' | 'warn' | 'error' | 'fatal', Write>> & {
  /** The same log, with these fields in each line. */
  child(fields: Fields): Logger;
};
type Fields = object;
type Write = (fields: Fields, message: string) => void;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const LONGEST = 1_000;

/** A logger on standard error (stdout is for what people asked for) or on `stream`; each line is written before the call returns. */
export function createLogger(options: { level?: LogLevel; stream?: { write(line: string): void } } = {}): Logger {
  const lines = pino(
    {
      level: options.level ?? 'info',
      base: { name: 'shiplog', pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      // pino's own would describe the description.
      serializers: { err: (described: unknown) => described },
    },
    options.stream ?? destination({ fd: 2, sync: true }),
  );
  return over(lines);
}

const over = (lines: Pino): Logger => ({
  debug: (fields, message) => lines.debug(scalarsAndError(fields), message),
  info: (fields, message) => lines.info(scalarsAndError(fields), message),
  warn: (fields, message) => lines.warn(scalarsAndError(fields), message),
  error: (fields, message) => lines.error(scalarsAndError(fields), message),
  fatal: (fields, message) => lines.fatal(scalarsAndError(fields), message),
  child: (fields) => over(lines.child(scalarsAndError(fields))),
});

/** An allow-list of shapes, not a list of forbidden names: what is neither a scalar nor the error is left out. */
function scalarsAndError(fields: Fields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'err') kept[key] = describeError(value);
    else if (typeof value === 'string') kept[key] = shorten(value);
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) kept[key] = value;
  }
  return kept;
}

/** Postgres puts rows into `detail` and `where`, Axios-like clients put headers into `config`: these members stay out. */
function describeError(error: unknown): Record<string, unknown> {
  if (!types.isNativeError(error)) return { message: shorten(String(error)) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: shorten(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: error.stack?.split('\n').slice(1, 12).join('\n'),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
