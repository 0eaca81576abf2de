import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
// @ts-expect-error: a program of Node alone, as tools are
import { mutants as simulated } from './mutants/mutants.mjs';
import { mutants as probed } from './probes/mutants.js';
import { mutants as broken } from './rig/mutants.js';
import { kinds } from './rig/plan.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

type Mutant = Readonly<{ name: string; invariant: string }>;

/** The cells of the rows of the table that has this one among its headings. */
const rowsUnder = (page: string, heading: string): string[][] => {
  const tables = page.split(/\n\n+/).map((text) => text.trim().split('\n').map(cellsOf));
  return tables.find(([headings = []]) => headings.includes(heading))!.slice(2);
};
const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

it('the page has each mutant, and no other, by the invariant that it breaks', () => {
  const told = rowsUnder(read('test/fault/README.md'), 'mistake').map(([name, invariant]) => `${name}: ${invariant}`);
  const all = [...(simulated as Mutant[]), ...probed, ...broken].map(({ name, invariant }) => `${name}: ${invariant}`);
  expect(told.sort()).toEqual(all.sort());
});

const files = ['apps', 'docs', 'libs', 'test', 'tools'].flatMap((folder) =>
  (readdirSync(`${root}${folder}`, { recursive: true }) as string[]).map((path) => `${folder}/${path}`),
);
const specs = files.filter((path) => path.endsWith('.spec.ts'));

/** What each word in backticks must be the name of: of a specification in the folder named before it, or of a fault of the rig. */
const namedIn = (part: string): Array<Readonly<{ folder: string | undefined; name: string }>> => {
  const words = [...part.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
  return words.flatMap((name, n) =>
    name.includes('/') ? [] : [{ folder: words.slice(0, n).findLast((word) => word.includes('/')), name }],
  );
};

describe('what the page on guarantees says to be the test', () => {
  const rows = rowsUnder(read('docs/guarantees.md'), 'tested by').map(([fault, , tests]) => [fault, tests] as const);
  it.each(rows)('of "%s" is there', (_, tests = '') => {
    expect(tests).not.toBe('');
    for (const { folder, name } of tests.split(';').flatMap(namedIn))
      if (folder === undefined) expect(kinds).toContain(name);
      else expect(specs).toContainEqual(expect.stringMatching(`^${folder}/(.*/)?${name}\\.(\\w+\\.)?spec\\.ts$`));
  });
});

const pages = [...readdirSync(root), ...files].filter((path) => path.endsWith('.md'));

/** The anchors that GitHub makes of the headings of a page. */
const anchorsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(pages)('%s links what is there', (page) => {
  for (const [, path, anchor] of read(page).matchAll(/\]\(([^)#:\s]*)(?:#([^)]*))?\)/g)) {
    const linked = path === '' ? page : join(dirname(page), path!);
    expect([page, linked, existsSync(join(root, linked))]).toEqual([page, linked, true]);
    if (anchor !== undefined)
      expect([page, linked, anchorsOf(read(linked))]).toEqual([page, linked, expect.arrayContaining([anchor])]);
  }
});
