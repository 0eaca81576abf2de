import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { ReadyMade, READY_MADE } from './ready-made.js';
import { RecordSet } from './record-set.js';
import { onTheWire } from './testing/on-the-wire.js';

/** What kafkajs reads of a batch that it was given ready made. */
const sent = async (messages: readonly Message[]) => {
  const set = new RecordSet();
  for (const message of messages) set.add(message);
  const standIns = new ReadyMade().standInsFor(3, set.count, gzipSync(set.bytes));
  return onTheWire(standIns, { compression: READY_MADE });
};
const many = Array.from({ length: 300 }, (_, i) => ({
  key: `web-shop/${i}`,
  value: JSON.stringify({ i, text: 'x'.repeat(i % 300) }),
  headers: { ce_id: `store/${i}`, ce_source: 'urn:shiplog' },
}));

describe('records that kafkajs did not encode', () => {
  it.each<[string, Message[]]>([
    ['plain ones', [{ key: 'k', value: 'v', headers: { a: 'b' } }]],
    ['no key, no value, no headers', [{ key: null, value: null }, { value: 'v' }, { value: '' }]],
    ['bytes', [{ key: Buffer.from([0, 255]), value: Buffer.alloc(200_000, 7), headers: { raw: Buffer.from([128]) } }]],
    ['a name twice', [{ value: 'v', headers: { h: ['1', Buffer.from('2')], i: '3' } }]],
    [
      'more than plain letters',
      [{ key: 'straße', value: '{"who":"Zoë 🚢"}', headers: { näme: 'ü'.repeat(64), é: 'é'.repeat(65) } }],
    ],
    [
      'lengths around the steps of a varint',
      [63, 64, 65, 127, 128, 8_191, 8_192].map((n) => ({ value: 'x'.repeat(n) })),
    ],
    ['a whole send', many],
  ])('are read as those that it did: %s', async (_, messages) => {
    expect(await sent(messages)).toEqual(await onTheWire(messages));
  });

  it('are written with null for a header without a value', async () => {
    const [{ headers } = { headers: {} }] = await sent([{ value: 'v', headers: { none: undefined } }]);
    expect(headers).toEqual({ none: null });
  });
});

describe('a send of stand-ins', () => {
  it('has no other records than those that were made ready for it', async () => {
    await expect(onTheWire([{ value: 'four' }], { compression: READY_MADE })).rejects.toThrow('no stand-ins');
    const readyMade = new ReadyMade();
    const standIns = readyMade.standInsFor(0, 1, gzipSync(new RecordSet().bytes));
    readyMade.end();
    await expect(onTheWire(standIns, { compression: READY_MADE })).rejects.toThrow('no stand-ins');
  });
});
