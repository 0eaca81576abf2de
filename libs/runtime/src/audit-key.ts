import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Invalid } from './variables.js';

const MUST = 'must be an Ed25519 private key in PEM, or the path of a file with one';

/** The key in PEM: given as such, or in a file. */
export function auditKey(value: string): string {
  // Compose files and secrets of CI write line breaks as \n.
  const pem = value.startsWith('-----BEGIN') ? value.replaceAll('\\n', '\n') : contentOf(value);
  if (typeOf(pem) !== 'ed25519') throw new Invalid(MUST);
  return pem;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Invalid(`${MUST} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function typeOf(pem: string): string | undefined {
  try {
    return createPrivateKey(pem).asymmetricKeyType;
  } catch {
    return undefined;
  }
}
