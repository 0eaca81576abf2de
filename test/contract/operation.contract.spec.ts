import { readFileSync } from 'node:fs';
import { Metrics } from '#runtime';
import { expect, it } from '@jest/globals';

it('tables in docs every metric that there is, with its labels', () => {
  const docs = readFileSync(new URL('../../docs/operation.md', import.meta.url), 'utf8');
  const tabled = [...docs.matchAll(/^\| `(shiplog_\w+)` \| (.*?)\|/gm)].map(([, name, labels]) => [
    name,
    labels!.replaceAll('`', '').trim(),
  ]);
  const there = new Metrics().registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  const ours = there
    .filter(({ name }) => name.startsWith('shiplog_'))
    .map(({ name, labelNames }) => [name, labelNames.join(', ')]);
  expect(tabled.toSorted()).toEqual(ours.toSorted());
});
