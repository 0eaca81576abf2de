import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { murmur2 } from './murmur2.js';

const partitions = 2 ** 31 - 1;
const partitionMetadata = { length: partitions, filter: () => [] } as never;
const choose = kafkajs.Partitioners.DefaultPartitioner();

it('puts every key where kafkajs does, and whoever keeps to the same hash', () => {
  const keys = [
    '',
    'a',
    'web-shop/production',
    'straße/ü',
    ...Array.from({ length: 300 }, (_, i) => randomBytes(i % 40)),
  ];
  for (const key of keys.map((each) => Buffer.from(each))) {
    const theirs = choose({ topic: 't', partitionMetadata, message: { key, value: null } });
    expect((murmur2(key) & 0x7fffffff) % partitions).toBe(theirs);
  }
});
