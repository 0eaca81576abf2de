import { expect, it } from '@jest/globals';
import { idsIn } from './accounts.js';

it.each<[string, string, string[]]>([
  ['both', '{"id":"a","commandId":"b"}', ['c', 'a', 'b']],
  ['a number', '{"id":1}', ['c']],
  ['what has no text', '{"id":{"toString":1,"valueOf":1}}', ['c']],
  ['null', 'null', []],
  ['no JSON', '{', []],
])('names a record by its ids that are texts: %s', (_, value, ids) => {
  expect(idsIn({ value: Buffer.from(value), headers: { ce_id: 'c' } })).toEqual(ids);
});
