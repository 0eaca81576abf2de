import type { Settings } from '../frame/row.js';

/** What was measured, line by line. Nothing of it is a bound: these are figures of one machine. */
export type Figures = Readonly<{
  title: string;
  head: readonly string[];
  lines: ReadonlyArray<readonly string[]>;
  /** What the figures were measured at. */
  note: string;
}>;

export type CostSettings = Settings & Readonly<{ broker: string | undefined }>;

/** What something costs as it grows. */
export type Cost = (settings: CostSettings) => Promise<Figures[]>;

/** Markdown, as `docs/scaling.md` has it. */
export function textOf({ title, head, lines, note }: Figures): string {
  const widths = head.map((name, column) => Math.max(name.length, ...lines.map((line) => line[column]!.length)));
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [`### ${title}`, '', lineOf(head), rule, ...lines.map(lineOf), '', note, ''].join('\n');
}

/** Three digits, or all of those before the point. */
export const figure = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

/** The value below which such a share of them lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
