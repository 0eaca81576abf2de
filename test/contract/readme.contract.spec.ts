import { readFileSync } from 'node:fs';
import { configurationTable } from '#runtime';
import { expect, it } from '@jest/globals';

it('shows the configuration as the code reads it', () => {
  expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain(configurationTable());
});
