import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Digest } from '#projections';
import { readNumber } from '../../http/number.js';

/** Ids are UUIDs to clients. Of what the log numbers, the UUID says the number; of what has a name, it is made from that. */
const NUMBERED = hash('sha256', 'shiplog:versioner:numbered', 'hex');
/** A deployment or a build: the id natively is in the last 14 digits. */
const NUMBERED_UUID = new RegExp(
  `^${NUMBERED.slice(0, 8)}-${NUMBERED.slice(8, 12)}-8${NUMBERED.slice(12, 15)}-80([0-9a-f]{2})-([0-9a-f]{12})$`,
);

/** The UUID (version 8) of the deployment with this id. */
export function uuidOfDeployment(id: number): string {
  const digits = id.toString(16).padStart(14, '0');
  const head = `${NUMBERED.slice(0, 8)}-${NUMBERED.slice(8, 12)}-8${NUMBERED.slice(12, 15)}`;
  return `${head}-80${digits.slice(0, 2)}-${digits.slice(2)}`;
}

/** The id that such a UUID says, or one that is written as it is natively; undefined for another text. */
export function deploymentIdOf(text: string): string | undefined {
  const [, high, low] = NUMBERED_UUID.exec(text.toLowerCase()) ?? [];
  const id = high === undefined ? text : String(parseInt(`${high}${low}`, 16));
  return readNumber(id) === undefined ? undefined : id;
}

/** Lists name the same products, environments and versions again and again. */
const digits = new LRUCache<string, string>({ max: 10_000, memoMethod: (name) => hash('sha256', name, 'hex') });

const digitsOf = (...names: readonly string[]): string => digits.memo(joined(...names));
const joined = (...names: readonly string[]): string => names.join('\n');

/** 32 hexadecimal digits as a UUID of version 8: those that say the version and the variant are lost. */
const asUuid = (digits: string): string =>
  `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-${variant(digits[16]!)}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
const variant = (digit: string): string => ((parseInt(digit, 16) & 0x3) | 0x8).toString(16);

export const uuidOfProduct = (product: string): string => asUuid(digitsOf('product', product));
/** An environment has one id in all products, as with Versioner. */
export const uuidOfEnvironment = (name: string): string => asUuid(digitsOf('environment', name));
/** It begins as that of its product does, so that the product is found first, and the version among those of the product. */
export const uuidOfVersion = (product: string, version: string): string =>
  asUuid(digitsOf('product', product).slice(0, 12) + digitsOf('version', product, version).slice(12));

/** What the id of a product, or of one of its versions, tells of the name of the product. */
export const digestOfProduct = (uuid: string): Digest => {
  const digits = uuid.slice(0, 13).replace('-', '').toLowerCase();
  return { before: joined('product', ''), from: 0, digits };
};
/** What the id of an environment tells of its name. */
export const digestOfEnvironment = (uuid: string): Digest => digestOf(uuid, joined('environment', ''));
/** The same of a version of the product. */
export const digestOfVersion = (product: string, uuid: string): Digest =>
  digestOf(uuid, joined('version', product, ''));

/** The last group of a UUID says digits as they are. */
const digestOf = (uuid: string, before: string): Digest => ({
  before,
  from: 20,
  digits: uuid.slice(-12).toLowerCase(),
});
