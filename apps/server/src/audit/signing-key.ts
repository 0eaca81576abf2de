import { newSigningKey } from '#audit';
import type { Config } from '#runtime';
import { keptSecret } from '../kept-secret.js';

/** The private key that signs checkpoints, in PEM. One that was `given` may take the place of another one. */
export type SigningKey = Readonly<{ pem: string; given: boolean }>;

const FILE = 'audit-key.pem';

/**
 * The configured key, else the one of this data directory, made at the first start. Never one in the database: whoever can
 * rewrite the log there could sign what he wrote.
 */
export const signingKey = async ({ auditKey, dataDir }: Pick<Config, 'auditKey' | 'dataDir'>): Promise<SigningKey> =>
  auditKey === undefined
    ? { pem: await keptSecret(dataDir, FILE, newSigningKey), given: false }
    : { pem: auditKey, given: true };
