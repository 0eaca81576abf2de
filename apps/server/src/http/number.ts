/** A whole number as a path spells it: digits without a leading zero, from 1 to 2^53 - 1; undefined for any other text. */
export function readNumber(text: string): number | undefined {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}
