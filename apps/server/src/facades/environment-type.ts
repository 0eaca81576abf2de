import type { EnvironmentType } from '#domain';

const words: ReadonlyArray<readonly [EnvironmentType, readonly string[]]> = [
  ['development', ['development', 'develop', 'dev', 'trunk', 'review', 'preview']],
  [
    'testing',
    [
      'testing',
      'test',
      'tests',
      'tst',
      'integration',
      'integ',
      'int',
      'acceptance',
      'acc',
      'qa',
      'qc',
      'uat',
      'sit',
      'control',
      'quality',
    ],
  ],
  ['staging', ['staging', 'stage', 'stg', 'preproduction', 'preprod', 'pre', 'model', 'internal', 'canary']],
  ['production', ['production', 'prod', 'prd', 'live']],
];

/** More than the code units of any key. */
const LONGEST = 1_000;

/** The type that a target is of by its name: a whole word of it says so. `pre-prod` is staging, for the first in this order counts. */
export function environmentTypeOf(name: string): EnvironmentType {
  // Taking marks from letters takes long where many follow each other: what is longer than this is no name, and is refused elsewhere.
  const folded = name.slice(0, LONGEST).normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  // Looked at from where digits begin alone: from each of them, a long number that is no end takes its length squared.
  const said = new Set(folded.split(/[^\p{L}\p{N}]+/u).map((part) => part.replace(/(?<!\d)\d+$/, '')));
  return words.find(([, those]) => those.some((word) => said.has(word)))?.[0] ?? 'unmapped';
}
