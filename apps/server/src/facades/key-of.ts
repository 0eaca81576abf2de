import { hash } from 'node:crypto';
import { isKey } from '#domain';

const MOST = 180;

/** What can be no key becomes the most of it that can, and a mark by which it stays different from all others. */
export function keyOf(id: string): string {
  if (isKey(id)) return id;
  const plain = id
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ')
    .trim();
  return `${[...plain].slice(0, MOST).join('')}~${hash('sha256', id, 'hex').slice(0, 16)}`;
}
