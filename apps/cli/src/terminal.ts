/** What a command sees of the world: data goes to `out`, messages to `err`. */
export type Terminal = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  /** Resolves when there is room for more. */
  out(text: string): void | Promise<void>;
  err(text: string): void;
}>;

/** Resolves with the exit code, or throws a `Failure`. */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;
