/** Only what a browser may open: such links are clicked. */
export const isLink = (value: unknown): value is string =>
  typeof value === 'string' && /^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/iu.test(value) && URL.canParse(value);
