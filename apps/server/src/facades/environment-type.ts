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

/** The type that a target is of by its name: a whole word of it says so. `pre-prod` is staging, for the first in this order counts. */
export function environmentTypeOf(name: string): EnvironmentType {
  const folded = name.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const parts = folded.split(/[^\p{L}\p{N}]+/u);
  const has = (word: string): boolean => parts.some((part) => part.replace(/\d+$/, '') === word);
  return words.find(([, those]) => those.some(has))?.[0] ?? 'unmapped';
}
