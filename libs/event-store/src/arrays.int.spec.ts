import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { byteaArray, intArray, jsonArray, textArray, timeArray, uuidArray } from './arrays.js';

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client(process.env['TEST_DATABASE_URL'] ?? '');
  await client.connect();
});
afterAll(() => client.end());

/** What the database makes of a binary array, as JSON of the texts. */
const read = async (type: string, array: Buffer): Promise<string[]> => {
  const query = `select coalesce(json_agg(v::text order by n), '[]') as texts from unnest($1::${type}[]) with ordinality as u (v, n)`;
  return (await client.query(query, [array])).rows[0].texts;
};

const textWithoutNul = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));

it('texts arrive as they are, however long', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(textWithoutNul), async (texts) => {
      expect(await read('text', textArray(texts))).toEqual(texts);
    }),
    { numRuns: 50 },
  );
  const long = ['', 'é'.repeat(100_000), '😀', 'a,"{}\\'];
  expect(await read('text', textArray(long))).toEqual(long);
});

it('JSON texts keep their spelling', async () => {
  const texts = ['{ "b":1, "a":1.0e2 , "a":"\\u0000é"}', '[]', '1'];
  expect(await read('json', jsonArray(texts))).toEqual(texts);
});

it('integers arrive, down to the lowest', async () => {
  const values = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)];
  expect(await read('int', intArray(values))).toEqual(values.map(String));
});

it('bytes arrive, none too', async () => {
  expect(await read('bytea', byteaArray([Uint8Array.of(0, 255), new Uint8Array(0)]))).toEqual(['\\x00ff', '\\x']);
});

it('UUIDs arrive from texts with dashes and without, and nothing else passes for one', async () => {
  const id = '0192f7c1-3c1a-7abc-9def-0123456789ab';
  const digits = 'FFFFFFFFffffffff0000000000000000';
  expect(await read('uuid', uuidArray([id, digits]))).toEqual([id, 'ffffffff-ffff-ffff-0000-000000000000']);
  for (const wrong of ['', 'x', `${id.slice(0, -1)}g`, `${id.slice(0, -1)}é`, `${id}00`])
    expect(() => uuidArray([wrong])).toThrow(TypeError);
});

it('moments arrive to the microsecond, from the first year to the last', async () => {
  await client.query(`set timezone = 'UTC'`);
  const moments = [
    '0001-01-01T00:00:00.000001Z',
    '1999-12-31T23:59:59.999999Z',
    '2026-11-20T10:00:00.123456Z',
    '9999-12-31T23:59:59.999999Z',
  ];
  const texts = await read('timestamptz', timeArray(moments));
  expect(texts).toEqual(moments.map((moment) => moment.replace('T', ' ').replace('Z', '+00')));
});

it('empty arrays are empty', async () => {
  for (const [type, array] of Object.entries({
    text: textArray([]),
    uuid: uuidArray([]),
    timestamptz: timeArray([]),
  })) {
    expect(await read(type, array)).toEqual([]);
  }
});
