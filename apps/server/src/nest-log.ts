import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#runtime';

/** What Nest has to say, in our log; its account of the routes and modules is for those who debug. */
export class NestLog implements LoggerService {
  constructor(private readonly lines: Logger) {}

  log(message: unknown, ...more: unknown[]): void {
    this.lines.debug({ context: contextIn(more) }, String(message));
  }

  debug(message: unknown, ...more: unknown[]): void {
    this.log(message, ...more);
  }

  verbose(message: unknown, ...more: unknown[]): void {
    this.log(message, ...more);
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.lines.warn({ context: contextIn(more) }, String(message));
  }

  error(message: unknown, ...more: unknown[]): void {
    this.lines.error({ context: contextIn(more), err: message }, 'Nest reports an error');
  }
}

/** Nest gives it last. */
function contextIn(more: readonly unknown[]): string {
  const last = more.at(-1);
  return typeof last === 'string' ? last : 'Nest';
}
