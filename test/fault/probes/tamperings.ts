import { sealedLog, type SealedLine } from '#audit/testing';

/** An export, line by line. */
export type Lines = readonly string[];

/** What somebody could do to an export, in its middle or at its end, by name. */
export const tamperings = (whole: Lines): ReadonlyMap<string, Lines> => {
  const at = Math.floor(whole.length / 2);
  const [before, line, next] = [whole[at - 1]!, whole[at]!, whole[at + 1]!];
  const forged = { ...parse(line), eventId: '00000000-0000-7000-8000-000000000000' };
  return new Map([
    ['a byte changed', whole.with(at, spell(changed(parse(line))))],
    ['an event removed', whole.toSpliced(at, 1)],
    ['its tail cut', whole.slice(0, at)],
    ['two events swapped', whole.toSpliced(at - 1, 3, next, line, before)],
    ['an event inserted', [...whole.slice(0, at), spell(forged), ...whole.slice(at).map(by(1))]],
    ['events renumbered', [...whole.slice(0, at), ...whole.slice(at + 1).map(by(-1))]],
    ['its whole history written anew', sealedLog(whole.map(parse).with(at, changed(parse(line))), []).lines.map(spell)],
  ]);
};

const parse = (line: string): SealedLine => JSON.parse(line) as SealedLine;
const spell = (line: SealedLine): string => JSON.stringify(line);

/** One letter of what its sender said is another. */
const changed = (line: SealedLine): SealedLine => ({ ...line, commandId: `${line.commandId.slice(0, -1)}!` });

const by =
  (step: number) =>
  (line: string): string => {
    const event = parse(line);
    return spell({ ...event, position: event.position + step });
  };
