/** What is wrong with one member: `field` is its path (`commitRefs[0].branch`), or the part that was read (`body`, `key`). */
export type FieldError = Readonly<{ field: string; message: string }>;

const SHOWN = 20;

/** Input that is no command or query: nothing was decided, the sender may correct it and try again. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    const shown = errors.slice(0, SHOWN);
    super(shown.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.errors = shown;
  }
}

/** A refusal for one reason. */
export const badInput = (field: string, message: string): BadInput => new BadInput([{ field, message }]);
