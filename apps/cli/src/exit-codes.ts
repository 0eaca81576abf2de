/** What a command ends with, for scripts to tell apart. */
export const EXIT = { ok: 0, refused: 1, usage: 2, auth: 3, notFound: 4, conflict: 5, unreachable: 6 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command; the message is for whoever called it. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly code: ExitCode,
    message: string,
    /** What the service calls it, where it refused. */
    readonly problem?: string,
  ) {
    super(message);
  }
}

const byStatus: Readonly<Record<number, ExitCode>> = {
  401: EXIT.auth,
  403: EXIT.auth,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
  429: EXIT.unreachable,
};

export const exitCodeOf = (status: number): ExitCode =>
  byStatus[status] ?? (status >= 500 ? EXIT.unreachable : EXIT.refused);
