import { Findings, type Dump, type Violation } from './evidence.js';

/** R1, and with it R2 and R6: the rows of a view at its checkpoint are a fold of the log up to there. */
export const checkDumps = (dumps: readonly Dump[]): Violation[] => {
  const found = new Findings();
  for (const { view, position, rows, folded } of dumps) {
    found.check(
      rows === folded,
      'R1',
      () => `${view} at ${position} is not what the log makes of it:\n${differenceOf(rows, folded)}`,
    );
  }
  return found.violations;
};

const differenceOf = (rows: string, folded: string): string => {
  const [there, right] = [rows.split('\n'), folded.split('\n')];
  const at = there.findIndex((row, i) => row !== right[i]);
  const line = at === -1 ? there.length : at;
  return `  there: ${there[line] ?? 'nothing'}\n  fold:  ${right[line] ?? 'nothing'}`;
};

/** A read that asked for a position, and the position that its answer stood at; null where it was told to wait. */
export type Read = Readonly<{ view: string; asked: number; stood: number | null }>;

/** R5: whoever asks for a position gets at least that, or is told that it is not there yet. */
export const checkReads = (reads: readonly Read[]): Violation[] => {
  const found = new Findings();
  for (const { view, asked, stood } of reads) {
    found.check(stood === null || stood >= asked, 'R5', () => `${view} answered ${stood} where ${asked} was asked for`);
  }
  return found.violations;
};

/** A list as a reader got it, and how many rows it had at least all the time. */
export type Look = Readonly<{ view: string; rows: number; least: number }>;

/** R4: while a view is built anew readers see the old one or the new one, whole. */
export const checkWhole = (looks: readonly Look[]): Violation[] => {
  const found = new Findings();
  for (const { view, rows, least } of looks)
    found.check(rows >= least, 'R4', () => `${view} had ${rows} rows while it was built anew, of ${least}`);
  return found.violations;
};
