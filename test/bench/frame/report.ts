import { bounds, MAX_MEGABYTES, type Bound } from './bounds.js';
import { median, ratioOf, type Load, type Row, type Side } from './row.js';

/** Of a row: whether it holds what it must and reaches what it should. */
export type Verdict = 'missed' | 'must' | 'aim';

export function verdictOf(row: Row): Verdict {
  const { good, must, aim }: Bound = bounds[row.name];
  const ratio = ratioOf(row);
  const holds = (bound: number): boolean => (good === 'high' ? ratio >= bound : ratio <= bound);
  if (!holds(must) || (row.megabytes ?? 0) > MAX_MEGABYTES) return 'missed';
  return holds(aim) ? 'aim' : 'must';
}

const words = { missed: 'MISSED', must: 'must held', aim: 'aim reached' } as const;

/** The rows with both sides, their ratio and bounds, what was at its limit, and what they were measured at. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['row', 'ours', 'rounds', 'theirs', 'rounds', 'ratio', 'must', 'aim', '', 'memory'];
  const cells = rows.map((row) => [
    row.name,
    `${figure(median(row.ours.rounds))} ${bounds[row.name].unit}`,
    rangeOf(row.ours.rounds),
    row.theirs ? figure(median(row.theirs.rounds)) : '',
    row.theirs ? rangeOf(row.theirs.rounds) : '',
    row.theirs ? figure(ratioOf(row)) : '',
    boundOf(row, 'must'),
    boundOf(row, 'aim'),
    words[verdictOf(row)],
    row.megabytes === undefined ? '' : `${row.megabytes} MB`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((line) => line[column]!.length)));
  const lines = [head, ...cells].map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n\n${rows.map(aboutOf).join('\n')}\n`;
}

/** A row as soon as it is there: the table comes at the end. */
export const lineOf = (row: Row): string => `  ${row.name}: ${figure(ratioOf(row))}, ${words[verdictOf(row)]}`;

const boundOf = ({ name }: Row, which: 'must' | 'aim'): string =>
  `${bounds[name].good === 'high' ? '≥' : '≤'} ${bounds[name][which]}`;

const aboutOf = (row: Row): string =>
  [
    `${row.name}: ${bounds[row.name].what}.`,
    `  ${row.note}`,
    `  busy, in cores: ours ${loadOf(row.ours.load)}${row.theirs ? `; theirs ${loadOf(row.theirs.load)}` : ''}`,
  ].join('\n');

const loadOf = (load: Load): string =>
  load.map(({ title, cores }) => `${title} ${cores.toFixed(2)}`).join(', ') || 'unknown';

const rangeOf = (rounds: readonly number[]): string => `${figure(Math.min(...rounds))}-${figure(Math.max(...rounds))}`;

/** Three digits, or all of those before the point. */
const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

/** A row as it is kept: nothing that differs between two runs on which the same can be said. */
export type Result = Readonly<{
  what: string;
  ratio: number;
  must: number;
  aim: number;
  verdict: Verdict;
  /** Which process of each side had no time left; null where all of them waited, for the disk as a rule. */
  limit: Readonly<{ ours: string | null; theirs: string | null }>;
  megabytes: number | null;
}>;

const NO_TIME_LEFT = 0.85;

const limitOf = (side: Side | undefined): string | null =>
  side?.load.find(({ busiest }) => busiest >= NO_TIME_LEFT)?.title ?? null;

export const resultOf = (row: Row): Result => {
  const { what, must, aim } = bounds[row.name];
  return {
    what,
    ratio: Number(ratioOf(row).toPrecision(2)),
    must,
    aim,
    verdict: verdictOf(row),
    limit: { ours: limitOf(row.ours), theirs: limitOf(row.theirs) },
    megabytes: row.megabytes === undefined ? null : 10 * Math.round(row.megabytes / 10),
  };
};
